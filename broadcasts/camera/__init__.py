"""A seller's browser camera on the air: what MediaRecorder makes, over a websocket, into the channel's own ingest.

    browser ── consumer ── session.CameraSession ── remuxer (ffmpeg) ── flv ── rtmp_publisher ── ingest

H.264 is passed on as it is, sound becomes AAC. Each camera has one ffmpeg in the web process that has its socket;
ffmpeg only turns one stream into another and knows neither the ingest's address nor the stream key.
"""
