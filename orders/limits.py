"""How often a member may place an order: a counter per member and minute in Redis."""

import logging
from time import time

import redis

from common.redis_client import redis_client

logger = logging.getLogger(__name__)

ORDERS_A_MINUTE = 10


def orders_too_often(member_id: int) -> bool:
    """Count one more try of this member and say whether it is one too many. Without Redis nobody is stopped."""
    key = f"orders:tries:{member_id}:{int(time() // 60)}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, 60)
            tries, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("order rate not counted", exc_info=True)
        return False
    return bool(tries > ORDERS_A_MINUTE)
