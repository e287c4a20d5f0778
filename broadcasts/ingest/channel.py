"""The one thing the server knows about the site's channels."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """`ref` names the channel in events, `name` is its display name, `playback_id` its public address."""

    ref: str
    name: str
    playback_id: str


Authorise = Callable[[str], Awaitable[Channel | None]]
"""Stream key → the channel it belongs to, or None. May raise when the answer cannot be had now."""
