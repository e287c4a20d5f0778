"""How often one person may do one thing: a counter per window in Redis, over all processes."""

import logging
from time import time

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)


def too_often(what: str, who: int | str, *, most: int, seconds: int) -> bool:
    """Count one more try and say whether it is one too many of the window. Without Redis nobody is stopped."""
    key = f"tries:{what}:{who}:{int(time() // seconds)}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds)
            tries, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("tries not counted", exc_info=True, extra={"what": what})
        return False
    return bool(tries > most)
