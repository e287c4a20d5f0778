"""The number of hearts of a show: Redis has the newest while it is on the air, the database keeps it."""

import logging
from datetime import timedelta

import redis
from django.db.models import Q, QuerySet
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.activities.models import HeartCount
from common.redis_client import by_server, room_redis

logger = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
LAST_ROUND = timedelta(seconds=75)
"""A show that ended so lately may have hearts that were not kept yet. Longer than two rounds of `keep_hearts`."""


def hearts_key(room: str) -> str:
    """Return the Redis key of a room's number."""
    return f"hearts:{room}"


def hearts_of(broadcast: Broadcast) -> int:
    """Return the number. Select `heart_count` with the broadcast: then this takes no query."""
    kept = broadcast.heart_count.count if hasattr(broadcast, "heart_count") else 0
    if not broadcast.is_on_air:
        return kept
    try:
        return max(kept, int(room_redis(broadcast.room).get(hearts_key(broadcast.room)) or 0))
    except redis.RedisError:
        logger.warning("hearts as kept last", exc_info=True)
        return kept


def keep_hearts() -> None:
    """Keep the number of every show on the air, and of those that just ended, where it grew. Raises RedisError.

    Where Redis knows less than was kept, it was restarted: it is told what it forgot.
    """
    shows = list(_counted().select_related("heart_count")[:500])
    numbers = by_server([show.room for show in shows], lambda pipe, room: pipe.get(hearts_key(room)))
    for show in shows:
        kept = show.heart_count.count if hasattr(show, "heart_count") else 0
        newest = int(numbers[show.room] or 0)
        if newest > kept:
            HeartCount.objects.update_or_create(broadcast=show, defaults={"count": newest})
        elif newest < kept:
            # Added, not set: more hearts come in meanwhile.
            room_redis(show.room).incrby(hearts_key(show.room), kept - newest)


def _counted() -> QuerySet[Broadcast]:
    lately = Q(status=Broadcast.Status.ENDED, ended_at__gt=timezone.now() - LAST_ROUND)
    return Broadcast.objects.filter(Q(status__in=Broadcast.ON_AIR) | lately).order_by("-started_at")
