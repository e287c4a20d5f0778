"""The built-in live video server: RTMP in, low-latency HLS and recordings out, video and audio never re-encoded.

One asyncio process carries many channels:

    encoder ── rtmp.Publisher ── stream.Stream ── packager.Packager ──┬── window.LiveWindow ── origin (HTTP)
                                                                      └── recorder.Recorder ── disk

A `show.Show` holds what outlives one connection of the encoder: the timeline, the live window and the recording.
Nothing here knows Django except `gateway`.
"""
