"""How often a member may begin an upload: a counter per member and ten minutes in Redis."""

import logging
from time import time

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 600
BEGINS_PER_WINDOW = 60


def begins_too_often(member_id: int) -> bool:
    """Count one more begin of this member and say whether it is one too many. Without Redis nobody is stopped."""
    key = f"uploads:begins:{member_id}:{int(time() // WINDOW_SECONDS)}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_SECONDS)
            begins, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("upload rate not counted", exc_info=True)
        return False
    return bool(begins > BEGINS_PER_WINDOW)
