"""Orders told to the room they were made in: gathered in Redis, told together once a second.

What waits is lost when Redis is: an order that was not told is no harm.
"""

import json
import logging
import time
from typing import cast

import redis
from django.db.models import Prefetch

from broadcasts.models import Broadcast
from chat.activities.events import OrderPlaced
from chat.activities.models import TickerChoice
from chat.activities.names import masked
from common.events import send_on_commit
from common.redis_client import redis_client
from orders.models import Order, OrderLine

logger = logging.getLogger(__name__)

ROOMS = "ticker:rooms"
KEPT_SECONDS = 60
"""What nobody told by then is no news any more."""

# How many wait, and the newest of them: one hash per room.
_TAKE = """
local told = redis.call("HMGET", KEYS[1], "count", "newest")
redis.call("DEL", KEYS[1])
return told
"""


def note_orders(checkout_id: int) -> None:
    """Have the rooms of a paid checkout told, where the show is on the air and its seller wants it."""
    lines = OrderLine.objects.select_related("product").order_by("pk")
    orders = (
        Order.objects.filter(checkout=checkout_id, broadcast__status__in=Broadcast.ON_AIR)
        .exclude(broadcast__channel__in=TickerChoice.objects.filter(is_on=False).values("channel"))
        .select_related("broadcast", "buyer")
        .prefetch_related(Prefetch("lines", lines))
    )
    for order in orders:
        if order.broadcast:
            _note(order.broadcast.room, order)


def _note(room: str, order: Order) -> None:
    product = next(iter(order.lines.all())).product
    newest = {"product": product.code, "product_name": product.name, "name": masked(order.buyer)}
    try:
        with redis_client().pipeline() as pipe:
            pipe.hincrby(_key(room), "count", 1)
            pipe.hset(_key(room), "newest", json.dumps(newest))
            pipe.expire(_key(room), KEPT_SECONDS)
            pipe.sadd(ROOMS, room)
            pipe.execute()
    except redis.RedisError:
        logger.warning("order not told to the room", exc_info=True, extra={"room": room})


def tell_orders() -> None:
    """Tell every room of the orders that wait for it, in one event each. Raises RedisError."""
    rooms = cast(list[bytes], redis_client().spop(ROOMS, 1000))
    for room in map(bytes.decode, rooms):
        count, newest = redis_client().eval(_TAKE, 1, _key(room))
        if count:
            told = OrderPlaced(version=int(time.time() * 1000), count=int(count), **json.loads(newest))
            send_on_commit(room, told)


def is_on(broadcast: Broadcast) -> bool:
    """Whether the broadcast's room hears of orders. One query."""
    return not TickerChoice.objects.filter(channel=broadcast.channel_id, is_on=False).exists()


def switch(broadcast: Broadcast, *, on: bool) -> None:
    """Say whether the rooms of the broadcast's channel hear of orders, from the next one on."""
    TickerChoice.objects.update_or_create(channel_id=broadcast.channel_id, defaults={"is_on": on})


def _key(room: str) -> str:
    return f"ticker:{room}"
