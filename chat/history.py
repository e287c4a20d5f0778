"""What a viewer needs to know of a room on entering it, and after having been away."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from broadcasts.events import BroadcastChanged
from broadcasts.models import Broadcast, Recording
from catalog.models import Product
from chat.access import is_open
from chat.activities.hearts import hearts_of
from chat.activities.room import activity_of
from chat.events import ProductState, RoomState, You
from chat.models import Message
from chat.moderation.events import RulesChanged
from chat.moderation.rules import Rules, room_rules_of, rules_of
from chat.questions.screen import screen_of
from chat.telling import messages_of, tell
from orders.deals.room import coupon_of, deals_of

NEWEST = 50
PAGE = 200
FARTHEST = 1000

GUEST = You(name=None, can_chat=False, is_seller=False)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A room as everybody sees it; `you` and `viewers` of the state are filled in per viewer."""

    state: RoomState
    is_open: bool
    seller_id: int
    rules: Rules

    @cached_property
    def shared(self) -> str:
        """The state's JSON from behind its opening brace, without what is each viewer's own."""
        fields = asdict(self.state)
        del fields["you"], fields["viewers"]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).removeprefix("{")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A stretch of the room's messages in order."""

    messages: list[Message]
    more: bool = False
    reset: bool = False


def room_exists(code: str) -> bool:
    """Whether there is a broadcast of this code that was not called off."""
    return Broadcast.objects.filter(code=code).exclude(status=Broadcast.Status.CANCELLED).exists()


def read_room(code: str, after: int | None) -> Snapshot | None:
    """Return the room with the messages after `after` (None: the newest); None if there is no such room.

    Takes five queries, two more while the show is on the air, one when there are messages, one when they speak to
    somebody by name, one for who comes back to a room where order was kept, and five when its rules changed.
    """
    broadcast = (
        Broadcast.objects.select_related(
            "channel", "pinned_item__product", "chat_room", "heart_count", "screen", "room_rules"
        )
        .annotate(
            has_replay=Exists(
                Recording.objects.filter(broadcast=OuterRef("pk"), status=Recording.Status.READY)
            )
        )
        .exclude(status=Broadcast.Status.CANCELLED)
        .filter(code=code)
        .first()
    )
    if broadcast is None:
        return None
    seller_id = broadcast.channel.member_id
    last_seq = broadcast.chat_room.last_seq if hasattr(broadcast, "chat_room") else 0
    chapter = _read_chapter(broadcast.pk, after, last_seq)
    has_replay = broadcast.status == Broadcast.Status.ENDED and broadcast.has_replay
    state = RoomState(
        # Newer messages may have been committed between the two reads.
        last_seq=max([last_seq, *(message.seq for message in chapter.messages[-1:])]),
        history=tell(chapter.messages, broadcast.channel),
        hidden=[] if after is None or chapter.reset else _hidden(broadcast, last_seq),
        more=chapter.more,
        reset=chapter.reset,
        you=GUEST,
        broadcast=BroadcastChanged.of(broadcast, replay_ready=has_replay),
        products=_products(broadcast),
        deals=deals_of(broadcast),
        coupon=coupon_of(broadcast),
        rules=RulesChanged.of(room_rules_of(broadcast)),
        on_screen=screen_of(broadcast),
        activity=activity_of(broadcast),
        hearts=hearts_of(broadcast),
        viewers=0,
        server_time=timezone.now().isoformat(),
    )
    return Snapshot(
        state=state, is_open=is_open(broadcast), seller_id=seller_id, rules=rules_of(broadcast, fresh=True)
    )


def _read_chapter(room_id: int, after: int | None, last_seq: int) -> Chapter:
    messages = messages_of(room_id)
    if after is None or not last_seq - FARTHEST <= after <= last_seq:
        newest = list(messages.order_by("-seq")[:NEWEST])
        return Chapter(messages=newest[::-1], reset=after is not None)
    page = list(messages.filter(seq__gt=after).order_by("seq")[: PAGE + 1])
    return Chapter(messages=page[:PAGE], more=len(page) > PAGE)


def _hidden(broadcast: Broadcast, last_seq: int) -> list[int]:
    """Return which of the last FARTHEST messages are hidden: nothing to ask where no rule was ever touched."""
    if not room_rules_of(broadcast).version:
        return []
    near = Message.objects.filter(room=broadcast.pk, seq__gt=last_seq - FARTHEST).exclude(hidden_at=None)
    return list(near.values_list("seq", flat=True))


def _products(broadcast: Broadcast) -> list[ProductState]:
    products = (
        Product.objects.with_left()
        .filter(lineup_items__broadcast=broadcast)
        .annotate(live_price=F("lineup_items__live_price"))
        .order_by("lineup_items__position")
    )
    rows = products.values_list("code", "stock_left", "stock_version", "live_price")
    return [
        ProductState(code=code, left=left, version=version, live_price=live_price)
        for code, left, version, live_price in rows
    ]
