"""What a live room hears for the overlay."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class ChannelFollowed:
    """`count` members follow the channel since this was told last; `name` is the newest one's public name.

    At most one a second; `version` is the moment in ms.
    """

    type: ClassVar[str] = "channel.followed"
    version: int
    name: str
    count: int
