"""How often a member may comment: a counter per member and minute in Redis."""

import logging
from time import time

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)

COMMENTS_A_MINUTE = 10


def comments_too_often(member_id: int) -> bool:
    """Count one more comment of this member and say whether it is one too many. Without Redis nobody is stopped."""
    key = f"trailers:comments:{member_id}:{int(time() // 60)}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, 60)
            count, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("comment rate not counted", exc_info=True)
        return False
    return bool(count > COMMENTS_A_MINUTE)
