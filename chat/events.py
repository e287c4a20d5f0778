"""Every event a room's socket sends. One field named `type` tells them apart; docs/events.md lists them."""

from dataclasses import dataclass
from typing import ClassVar

from broadcasts.events import BroadcastChanged
from chat.models import Message
from orders.deals.events import CouponDropped, DealStarted


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a message: the public name, and "seller" or "" as the badge."""

    name: str
    badge: str


@dataclass(frozen=True, kw_only=True)
class MessagePosted:
    """A message. `seq` counts the room's messages without gaps; `key` is its writer's; `at` is ISO 8601."""

    type: ClassVar[str] = "chat.message"
    seq: int
    key: str
    author: Author
    text: str
    at: str

    @classmethod
    def of(cls, message: Message, *, seller_id: int) -> "MessagePosted":
        """Select `author` with the message: this reads it."""
        return cls(
            seq=message.seq,
            key=str(message.key),
            author=Author(
                name=message.author.nickname, badge="seller" if message.author_id == seller_id else ""
            ),
            text=message.text,
            at=message.created_at.isoformat(),
        )


@dataclass(frozen=True, kw_only=True)
class MessageRefused:
    """A message was not taken. `message` is a sentence for its writer; try again after `retry_ms`, if at all."""

    type: ClassVar[str] = "chat.refused"
    key: str
    code: str
    message: str
    retry_ms: int


@dataclass(frozen=True, kw_only=True)
class You:
    """What the room knows of the viewer it talks to; `name` is None for a guest."""

    name: str | None
    can_chat: bool
    is_seller: bool


@dataclass(frozen=True, kw_only=True)
class ProductState:
    """How many are left of a product of the line-up, and what it costs on the air if not its usual price (won)."""

    code: str
    left: int
    version: int
    live_price: int | None


@dataclass(frozen=True, kw_only=True)
class RoomState:
    """The answer to "sync". `more`: ask again from the last message on; `reset`: forget older messages."""

    type: ClassVar[str] = "room.state"
    last_seq: int
    history: list[MessagePosted]
    more: bool
    reset: bool
    you: You
    broadcast: BroadcastChanged
    products: list[ProductState]
    deals: list[DealStarted]
    coupon: CouponDropped | None
    viewers: int
    server_time: str


@dataclass(frozen=True, kw_only=True)
class ViewersChanged:
    """So many distinct viewers are connected now."""

    type: ClassVar[str] = "viewers.changed"
    count: int


@dataclass(frozen=True, kw_only=True)
class Resync:
    """The server may have missed events: sync again."""

    type: ClassVar[str] = "room.resync"


@dataclass(frozen=True, kw_only=True)
class Pong:
    """The answer to "ping"."""

    type: ClassVar[str] = "pong"
