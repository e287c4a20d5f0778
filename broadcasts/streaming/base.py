"""The live-streaming port. Adapters: `local` (the built-in ingest), `ivs`."""

from dataclasses import dataclass, field
from datetime import datetime

from common.errors import ProviderError


@dataclass(frozen=True, kw_only=True)
class ProviderChannel:
    """A channel as the provider knows it."""

    ref: str
    """The provider's own id; events name it in `resources`."""
    ingest_url: str
    playback_url: str
    picture_url: str
    """A recent still of the live picture, "" if the provider has none."""
    stream_key: str = field(repr=False)
    """Secret: shown to its owner only, never logged or sent in an event."""


@dataclass(frozen=True, kw_only=True)
class LiveStream:
    """A stream that is on right now. What the provider does not tell is None."""

    ref: str
    stream_id: str
    started_at: datetime
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate_bps: int | None = None
    keyframe_ms: int | None = None
    has_sound: bool | None = None
    viewers: int | None = None
    is_starving: bool | None = None
    """Whether too little of the picture arrives."""


@dataclass(frozen=True, kw_only=True)
class RecordingAddresses:
    """Where a finished recording plays from."""

    playback_url: str
    poster_url: str


METADATA_BYTES = 1024


class StillLive(ProviderError):
    """The channel still carries a stream: stop it, and try again after its end."""


class LiveStreaming:
    """What a live-streaming provider must do. Every method may raise ProviderError or ProviderRefused."""

    def create_channel(self, name: str) -> ProviderChannel:
        """Return the channel of this name, made now unless it exists. Not safe to run twice at once: claim first."""
        raise NotImplementedError

    def rotate_key(self, ref: str) -> str:
        """Replace the stream key: the old one is refused from now on. A running publisher stays: `disconnect` it."""
        raise NotImplementedError

    def disconnect(self, ref: str) -> None:
        """Drop the publisher, if any. Its return within the reconnect window goes on in the same recording."""
        raise NotImplementedError

    def stop(self, ref: str) -> None:
        """Drop the publisher, if any, and finish the recording now."""
        raise NotImplementedError

    def live_streams(self) -> list[LiveStream]:
        """Return every stream that is on, in one call."""
        raise NotImplementedError

    def recording_addresses(self, bucket: str, key_prefix: str) -> RecordingAddresses:
        """Derive the addresses from where the provider stored it; refuses buckets that are not ours."""
        raise NotImplementedError

    def read_recording(self, key_prefix: str, name: str, *, most_bytes: int) -> bytes:
        """Return a file of a recording ("hls/master.m3u8"); refuses what is not there or larger than `most_bytes`."""
        raise NotImplementedError

    def delete_recording(self, key_prefix: str) -> None:
        """Delete a finished recording's files."""
        raise NotImplementedError

    def delete_channel(self, ref: str) -> None:
        """Delete a channel and its key; harmless when it is gone. Raises StillLive while it carries a stream."""
        raise NotImplementedError

    def playback_address(self, ref: str, playback_url: str) -> str:
        """Return the address to give to a player now: a private channel's carries a token that soon runs out."""
        return playback_url

    def live_origin(self, ref: str) -> str:
        """Return the address this site itself can read a live picture's files under (it ends in "/").

        "" where players alone are given addresses, which run out by themselves.
        """
        return ""

    def send_metadata(self, ref: str, text: str) -> None:
        """Let players see a short text (at most METADATA_BYTES in UTF-8) with the picture that is encoded now.

        Does nothing where the provider cannot, or nothing is on.
        """
