"""What buyer and seller hear of their offer or meeting, on their own sockets."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class OfferChanged:
    """An offer got a price or an answer: an open page asks for it anew."""

    type: ClassVar[str] = "orders.offer_changed"
    version: int
    """Milliseconds of the server's clock, under the lock of the offer."""
    offer: str
    status: str


@dataclass(frozen=True, kw_only=True)
class MeetingChanged:
    """Something about a hand-over in person changed: an open order page asks for it anew."""

    type: ClassVar[str] = "orders.meeting_changed"
    version: int
    """Milliseconds of the server's clock, under the lock of the order."""
    order: str
    status: str
