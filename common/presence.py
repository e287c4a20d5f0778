"""Who is watching: one sorted set per room in Redis, member = viewer, score = when the mark runs out (seconds).

Every process renews the marks of its own viewers; a process that dies stops renewing, so its viewers fade within
MARK_SECONDS. The same viewer in two tabs is one member.
"""

import logging
import time
from collections.abc import Sequence

import redis

from common.redis_client import by_server

logger = logging.getLogger(__name__)

MARK_SECONDS = 7


def presence_key(room: str) -> str:
    """Return the Redis key of a room's viewers."""
    return f"viewers:{room}"


def count_viewers(rooms: Sequence[str]) -> dict[str, int]:
    """Return distinct viewers per room in one round trip (to each server); zeros when Redis does not answer."""
    now = time.time()
    try:
        return by_server(rooms, lambda pipe, room: pipe.zcount(presence_key(room), now, "+inf"))
    except redis.RedisError:
        logger.warning("viewer counts not available", exc_info=True)
        return dict.fromkeys(rooms, 0)
