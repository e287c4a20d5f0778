"""How many distinct viewers opened a product's sheet while its show was on the air.

Redis counts them in a HyperLogLog for each product of a show (standard error 0.81 %, as Redis documents PFCOUNT); the
database keeps the number and the HyperLogLog itself, so that nobody is counted twice after Redis was restarted.
"""

import logging
from datetime import timedelta

import redis
from django.db.models import Q, QuerySet
from django.utils import timezone

from broadcasts.models import Broadcast, LineupItem
from chat.report.models import OpenerCount
from common.redis_client import room_redis

logger = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
LAST_ROUND = timedelta(seconds=75)
"""A show that ended so lately may have viewers that were not kept yet. Longer than two rounds of `keep_openers`."""
MOST_SHOWS = 500
MERGED_SECONDS = 60


def openers_key(room: str, product_id: int) -> str:
    """Return the Redis key of who opened a product in a room."""
    return f"openers:{room}:{product_id}"


def note_opener(item: LineupItem, viewer: str) -> None:
    """Count a viewer of a product, once a show, while the show is on the air. Select `broadcast` with the item."""
    show = item.broadcast
    if not show.is_on_air:
        return
    key = openers_key(show.room, item.product_id)
    try:
        with room_redis(show.room).pipeline(transaction=False) as pipe:
            pipe.pfadd(key, viewer)
            pipe.expire(key, KEPT_SECONDS)
            pipe.execute()
    except redis.RedisError:
        logger.warning("opener not counted", exc_info=True, extra={"room": show.room})


def openers_of(broadcast: Broadcast) -> dict[int, int]:
    """Return {product id: viewers} of the line-up: one query for it, one for what was kept, one look into Redis."""
    product_ids = list(broadcast.lineup.order_by().values_list("product_id", flat=True))
    kept = dict(OpenerCount.objects.filter(broadcast=broadcast).values_list("product", "count"))
    try:
        newest = _newest(broadcast.room, product_ids)
    except redis.RedisError:
        logger.warning("openers as kept last", exc_info=True)
        newest = {}
    return {product_id: max(kept.get(product_id, 0), newest.get(product_id, 0)) for product_id in product_ids}


def keep_openers() -> None:
    """Keep the numbers of every show on the air, and of those that just ended, where they changed.

    Three queries, one look into Redis for each show, and two writes for each number that changed. Raises RedisError.
    """
    shows = {show.pk: show for show in _counted()[:MOST_SHOWS]}
    sold: dict[int, list[int]] = {pk: [] for pk in shows}
    items = LineupItem.objects.filter(broadcast__in=list(shows)).order_by()
    for show_id, product_id in items.values_list("broadcast", "product"):
        sold[show_id].append(product_id)
    rows = OpenerCount.objects.filter(broadcast__in=list(shows)).values_list("broadcast", "product", "count")
    kept = {(show_id, product_id): count for show_id, product_id, count in rows}
    for show_id, show in shows.items():
        for product_id, count in _newest(show.room, sold[show_id]).items():
            if count != kept.get((show_id, product_id), 0):
                _keep(show, product_id)
    _forget_sketches()


def _counted() -> QuerySet[Broadcast]:
    lately = Q(status=Broadcast.Status.ENDED, ended_at__gt=timezone.now() - LAST_ROUND)
    return Broadcast.objects.filter(Q(status__in=Broadcast.ON_AIR) | lately).order_by("-started_at")


def _newest(room: str, product_ids: list[int]) -> dict[int, int]:
    with room_redis(room).pipeline(transaction=False) as pipe:
        for product_id in product_ids:
            pipe.pfcount(openers_key(room, product_id))
        return dict(zip(product_ids, pipe.execute(), strict=True))


def _keep(show: Broadcast, product_id: int) -> None:
    """Bring Redis and the database to the same: a Redis that was restarted learns again whom it had counted."""
    row, _ = OpenerCount.objects.get_or_create(broadcast=show, product_id=product_id)
    key = openers_key(show.room, product_id)
    with room_redis(show.room).pipeline() as pipe:
        if row.sketch:
            pipe.set(f"{key}:kept", bytes(row.sketch), ex=MERGED_SECONDS)
            pipe.pfmerge(key, f"{key}:kept")
            pipe.delete(f"{key}:kept")
        pipe.expire(key, KEPT_SECONDS)
        pipe.pfcount(key)
        pipe.get(key)
        *_, count, sketch = pipe.execute()
    OpenerCount.objects.filter(pk=row.pk).update(count=count, sketch=sketch)


def _forget_sketches() -> None:
    """A show that is over needs its numbers only."""
    over = Broadcast.objects.filter(status=Broadcast.Status.ENDED, ended_at__lte=timezone.now() - LAST_ROUND)
    OpenerCount.objects.filter(sketch__isnull=False, broadcast__in=over).update(sketch=None)
