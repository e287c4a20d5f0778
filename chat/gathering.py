"""What happens so often that a room is told of it together, once a second: gathered in Redis meanwhile.

What waits is lost when Redis is: it was news of the moment, and nobody comes to harm who did not hear it.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)

KEPT_SECONDS = 60
"""What nobody told by then is no news any more."""
MOST_ROOMS = 1000

# How many wait, and the newest of them: one hash per room.
_TAKE = """
local told = redis.call("HMGET", KEYS[1], "count", "newest")
redis.call("DEL", KEYS[1])
return told
"""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What happened `count` times in a room since it was taken last, and what is known of the newest."""

    room: str
    count: int
    newest: dict[str, Any]


def gather(what: str, room: str, newest: dict[str, Any]) -> None:
    """Note that it happened in a room once more; `newest` (JSON) says how it was this time."""
    key = _key(what, room)
    try:
        with redis_client().pipeline() as pipe:
            pipe.hincrby(key, "count", 1)
            pipe.hset(key, "newest", json.dumps(newest))
            pipe.expire(key, KEPT_SECONDS)
            pipe.sadd(_rooms(what), room)
            pipe.execute()
    except redis.RedisError:
        logger.warning("not told to the room", exc_info=True, extra={"what": what, "room": room})


def take_gathered(what: str) -> Iterator[Gathered]:
    """Yield what waits, room by room; nobody else gets it. Raises RedisError."""
    rooms = cast(list[bytes], redis_client().spop(_rooms(what), MOST_ROOMS))
    for room in map(bytes.decode, rooms):
        count, newest = redis_client().eval(_TAKE, 1, _key(what, room))
        if count:
            yield Gathered(room=room, count=int(count), newest=json.loads(newest))


def _key(what: str, room: str) -> str:
    return f"{what}:{room}"


def _rooms(what: str) -> str:
    return f"{what}:rooms"
