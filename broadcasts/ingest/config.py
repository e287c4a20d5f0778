"""What can be set, with the values that a site on the internet wants."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    """Times are seconds, bitrates bits per second, sizes bytes. Port 0 takes any free port."""

    recordings: Path
    rtmp_host: str = "127.0.0.1"
    rtmp_port: int = 1935
    http_host: str = "127.0.0.1"
    http_port: int = 8081
    control_secret: str = field(default="", repr=False)
    allowed_origins: tuple[str, ...] = ("*",)

    application: str = "live"
    max_connections: int = 200
    max_connections_per_address: int = 100
    publish_deadline: float = 5.0
    silence_deadline: float = 10.0
    refusal_linger: float = 2.0

    max_bitrate: int = 8_500_000
    max_keyframe_seconds: float = 4.0
    reconnect_window: float = 60.0
    ended_linger: float = 30.0

    part_ms: int = 300
    min_segment_ms: int = 900
    max_segment_ms: int = 10_000

    ffmpeg: str = "ffmpeg"
