"""What a camera's socket tells the page that sends it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class CameraReady:
    """The ingest has taken the channel: the recorder may start, and its bytes be sent."""

    type: ClassVar[str] = "camera.ready"


@dataclass(frozen=True, kw_only=True)
class CameraEnded:
    """The camera is not, or no longer, on the air; the socket closes. With `retry` the page tries again by itself."""

    type: ClassVar[str] = "camera.ended"
    code: str
    message: str
    retry: bool
