"""The transcoding port. Adapters: `ffmpeg` (a worker of our own), `mediaconvert`.

Both make the same files, under `videos/<asset>/<attempt>/` (played with a playback cookie) and
`previews/<asset>/<attempt>/` (public), and report by "MediaConvert Job State Change" envelopes:

    videos/…/master.m3u8                     HLS, fMP4 segments, one audio rendition, keyframes aligned
    previews/…/hover.mp4                     silent, at most 360 lines, from the beginning
    previews/…/poster.0000000.jpg …          candidates, evenly spread
    previews/…/story.0000000.jpg …           the seek bar's pictures, one each `storyboard_interval_ms`
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

LOCAL_JOB = "local-"
"""How the built-in transcoder's job ids begin. After a change of settings adapters are asked about each other's."""


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """One rung of the ladder, in display orientation; sides are even."""

    name: str
    """After the shorter side: "720p"."""
    width: int
    height: int
    max_bitrate_bps: int


@dataclass(frozen=True, kw_only=True)
class TranscodeRequest:
    """All an adapter needs to know of a job."""

    attempt: UUID
    asset_code: str
    owner_code: str
    """Whom the job's cost is for, in the provider's tags; not a database id."""
    source_key: str
    duration_ms: int
    fps: float
    has_audio: bool
    rotation: int
    """Degrees clockwise by which players turn the stored picture."""
    is_hdr: bool = False
    """Brighter than ordinary screens show: it needs tone mapping."""
    playable_as_is: bool = False
    """Browsers play the source's own bits: a transcoder that can offers them first, under `<video_folder>.first`."""
    ladder: tuple[Rendition, ...]
    poster_count: int
    storyboard_count: int
    storyboard_interval_ms: int
    video_folder: str
    preview_folder: str


class Transcoding:
    """What a transcoder must do. Every method may raise ProviderError or ProviderRefused."""

    def submit(self, request: TranscodeRequest) -> str:
        """Start a job and return its id. The attempt is the request token: asking again is the same job."""
        raise NotImplementedError

    def look_up(self, job_id: str) -> dict[str, Any] | None:
        """Return the job's present state as a "MediaConvert Job State Change" envelope, None if unknown."""
        raise NotImplementedError

    def cancel(self, job_id: str) -> None:
        """Stop a job; harmless when it has ended."""
        raise NotImplementedError
