"""The numbers of a show right now, for its control rooms: read once a second in each process."""

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.activities.hearts import hearts_of
from chat.models import Room
from chat.report.models import Sample
from common.presence import count_viewers
from orders.models import CartLine, Order

RATE_OVER = timedelta(seconds=60)
ROOMS_KEPT = 512


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`carts` hold a product of the show; `revenue` is won that did not go back, and the seller's alone to see."""

    viewers: int
    peak: int
    chat_per_minute: int
    hearts: int
    carts: int
    orders: int
    revenue: int


def numbers_of(code: str) -> Numbers:
    """Return a show's numbers, SHARED_SECONDS old at most. Raises Broadcast.DoesNotExist."""
    if not settings.SHARED_SECONDS:
        return _read(code)
    return _read_once(code, int(time.monotonic() / settings.SHARED_SECONDS))


@lru_cache(maxsize=ROOMS_KEPT)
def _read_once(code: str, moment: int) -> Numbers:
    return _read(code)


def _read(code: str) -> Numbers:
    """Six queries and two questions to Redis."""
    broadcast = Broadcast.objects.select_related("heart_count").get(code=code)
    viewers = count_viewers([broadcast.room])[broadcast.room]
    sold = Order.objects.filter(broadcast=broadcast).sold().totals()
    holding = CartLine.objects.filter(variant__product__lineup_items__broadcast=broadcast)
    return Numbers(
        viewers=viewers,
        peak=max(broadcast.peak_viewers, viewers),
        chat_per_minute=_chat_per_minute(broadcast),
        hearts=hearts_of(broadcast),
        carts=holding.order_by().values("cart").distinct().count(),
        orders=sold["count"],
        revenue=sold["revenue"],
    )


def _chat_per_minute(broadcast: Broadcast) -> int:
    """Counted over the last minute, or since the show began."""
    if not broadcast.is_on_air or broadcast.started_at is None:
        return 0
    now = timezone.now()
    said = Room.objects.filter(broadcast=broadcast).values_list("last_seq", flat=True).first() or 0
    before = Sample.objects.filter(broadcast=broadcast, at__lte=now - RATE_OVER).order_by("-at").first()
    since, known = (before.at, before.messages) if before else (broadcast.started_at, 0)
    # In its first seconds a show has no rate to speak of: count as if they were a whole minute.
    minutes = max(1.0, (now - since) / RATE_OVER)
    return round(max(0, said - known) / minutes)
