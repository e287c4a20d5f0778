"""Orders told to the room they were made in, together once a second."""

import time

from django.db.models import Prefetch

from broadcasts.models import Broadcast
from chat.activities.events import OrderPlaced
from chat.activities.models import TickerChoice
from chat.activities.names import masked
from chat.gathering import gather, take_gathered
from common.events import send_on_commit
from orders.models import Order, OrderLine

WHAT = "ticker"


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
    gather(WHAT, room, newest)


def tell_orders() -> None:
    """Tell every room of the orders that wait for it, in one event each. Raises RedisError."""
    for orders in take_gathered(WHAT):
        told = OrderPlaced(version=int(time.time() * 1000), count=orders.count, **orders.newest)
        send_on_commit(orders.room, told)


def is_on(broadcast: Broadcast) -> bool:
    """Whether the broadcast's room hears of orders. One query."""
    return not TickerChoice.objects.filter(channel=broadcast.channel_id, is_on=False).exists()


def switch(broadcast: Broadcast, *, on: bool) -> None:
    """Say whether the rooms of the broadcast's channel hear of orders, from the next one on."""
    TickerChoice.objects.update_or_create(channel_id=broadcast.channel_id, defaults={"is_on": on})
