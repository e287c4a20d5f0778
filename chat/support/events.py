"""What a room hears of its support messages: that there is one. What it says is shown when the host shows it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class SupportReceived:
    """A support message waits to be shown. `version` counts those of the show that were paid."""

    type: ClassVar[str] = "support.received"
    version: int
