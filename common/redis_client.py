"""The process's connection to Redis for plain (synchronous) code."""

from functools import cache

import redis
from django.conf import settings


@cache
def redis_client() -> redis.Redis:
    """Return the shared client; every call gives up after 2 seconds with `redis.RedisError`."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
    )
