"""How often one member may do one thing: a counter per window in Redis, over all processes."""

import logging
from time import time

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)


def too_often(what: str, member_id: int, *, most: int, seconds: int) -> bool:
    """Count one more try and say whether it is one too many of the window. Without Redis nobody is stopped."""
    key = f"tries:{what}:{member_id}:{int(time() // seconds)}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds)
            tries, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("tries not counted", exc_info=True, extra={"what": what})
        return False
    return bool(tries > most)
