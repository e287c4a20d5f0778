"""The process's connection to Redis for plain (synchronous) code."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def redis_client() -> redis.Redis:
    """Return the shared client; every call gives up within seconds with `redis.RedisError`.

    It tries twice at once (a kept connection may have died unnoticed), rather than with the library's growing
    pauses: requests would pile up behind a Redis that is away.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1),
    )
