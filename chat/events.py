"""Every event a room's socket sends. One field named `type` tells them apart; docs/events.md lists them."""

from dataclasses import dataclass, field
from typing import ClassVar

from broadcasts.events import BroadcastChanged
from chat.activities.events import ActivityChanged
from chat.moderation.events import MemberRestricted, RulesChanged
from chat.questions.events import ScreenChanged
from orders.deals.events import CouponDropped, DealStarted


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a message: the public name and code, and "seller", "moderator" or "" as the badge.

    `bought`: had bought from this show by then.
    """

    name: str
    code: str
    badge: str
    bought: bool


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The beginning of the message that another one answers; no text if it is hidden."""

    seq: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MessagePosted:
    """A message. `seq` counts the room's messages without gaps; `key` is its writer's; `at` is ISO 8601.

    `mentions` are the public names of those it speaks to. A hidden one keeps its place and says nothing.
    """

    type: ClassVar[str] = "chat.message"
    seq: int
    key: str
    author: Author
    text: str
    at: str
    reply: Quote | None = None
    mentions: list[str] = field(default_factory=list)
    hidden: bool = False


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
    """What the room knows of the viewer it talks to; `name` is None and `code` "" for a guest.

    `keeps_order`: the seller or a moderator. `restriction`: what keeps them from writing, if anything does.
    """

    name: str | None
    can_chat: bool
    is_seller: bool
    code: str = ""
    keeps_order: bool = False
    restriction: MemberRestricted | None = None


@dataclass(frozen=True, kw_only=True)
class ProductState:
    """How many are left of a product of the line-up, and what it costs on the air if not its usual price (won)."""

    code: str
    left: int
    version: int
    live_price: int | None


@dataclass(frozen=True, kw_only=True)
class RoomState:
    """The answer to "sync". `more`: ask again from the last message on; `reset`: forget older messages.

    `hidden`: for who comes back, which of the last messages are hidden by now.
    """

    type: ClassVar[str] = "room.state"
    last_seq: int
    history: list[MessagePosted]
    hidden: list[int]
    more: bool
    reset: bool
    you: You
    broadcast: BroadcastChanged
    products: list[ProductState]
    deals: list[DealStarted]
    coupon: CouponDropped | None
    rules: RulesChanged
    on_screen: ScreenChanged | None
    activity: ActivityChanged | None
    hearts: int
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
