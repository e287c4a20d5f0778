"""The pieces of a live stream as HLS knows them."""

import hashlib
from dataclasses import dataclass, field

from .codecs import AudioConfig, VideoConfig
from .fmp4 import init_segment


@dataclass(frozen=True)
class Init:
    """The initialisation segment of one pair of codec configurations."""

    video: VideoConfig
    audio: AudioConfig | None
    data: bytes = field(repr=False)
    name: str

    @classmethod
    def of(cls, video: VideoConfig, audio: AudioConfig | None) -> "Init":
        data = init_segment(video, audio)
        return cls(video, audio, data, f"init-{hashlib.sha256(data).hexdigest()[:12]}.mp4")

    @property
    def codecs(self) -> str:
        return ",".join(config.codec for config in (self.video, self.audio) if config is not None)


@dataclass(frozen=True, slots=True)
class Part:
    """Some 300 ms of media: one moof and its mdat."""

    data: bytes = field(repr=False)
    duration_ms: int
    independent: bool


@dataclass(slots=True)
class Segment:
    """Parts up to the next cut. `start_ms` lies on the session's timeline, `wall_time` is seconds since 1970.

    The name holds the media sequence number and the epoch, a random word per run of the server, so that no cache
    ever mixes two sessions. `has_parts` is False for a segment read back from disk after a restart.
    """

    msn: int
    epoch: str
    init: Init
    start_ms: int
    wall_time: float
    independent: bool
    discontinuity: bool
    parts: list[Part] = field(default_factory=list)
    complete: bool = False
    has_parts: bool = True
    duration_ms: int = 0
    size: int = 0
    audio_end: int = 0
    """Where the sound track ends, in ticks of its sample rate."""

    @property
    def name(self) -> str:
        return f"{self.msn:06d}-{self.epoch}.m4s"

    def part_name(self, index: int) -> str:
        return part_name(self.msn, self.epoch, index)

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.duration_ms += part.duration_ms
        self.size += len(part.data)

    @property
    def data(self) -> bytes:
        return b"".join(part.data for part in self.parts)


def part_name(msn: int, epoch: str, index: int) -> str:
    return f"{msn:06d}-{epoch}.{index}.m4s"
