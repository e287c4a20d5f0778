"""Why a publisher is turned away or dropped. The codes are part of the "Stream Failure" event."""

ALREADY_PUBLISHING = "already_publishing"
"""Another encoder is sending to this channel."""

BAD_KEY = "bad_key"
"""No channel has this stream key; there is no event, since there is no channel."""

BITRATE_HIGH = "bitrate_high"
"""The bitrate is so far above the limit that the connection was closed."""

NO_VIDEO = "no_video"
"""Sound came, but no picture."""

UNSUPPORTED_VIDEO_CODEC = "unsupported_video_codec"
"""The picture is not H.264 (8 bit, 4:2:0), the one format that every browser plays."""

UNSUPPORTED_AUDIO_CODEC = "unsupported_audio_codec"
"""The sound is not AAC."""

UNREADABLE_STREAM = "unreadable_stream"
"""The codec's own configuration is damaged."""

UNAVAILABLE = "unavailable"
"""The key could not be checked just now, or the server is full or stopping; the encoder should try again."""

_STATUS = {
    ALREADY_PUBLISHING: "NetStream.Publish.BadName",
    BAD_KEY: "NetStream.Publish.BadName",
    UNAVAILABLE: "NetStream.Publish.Failed",
}


class Refused(Exception):
    """A publisher may not go on. `reason` is shown by encoders to the person who streams."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @property
    def status(self) -> str:
        """The code of the onStatus message that tells the encoder."""
        return _STATUS.get(self.code, "NetStream.Publish.Rejected")
