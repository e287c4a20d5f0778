"""A sign of life from the Celery worker, read by /readyz."""

import time

from common.redis_client import redis_client

KEY = "worker:heartbeat"
ALIVE_SECONDS = 35  # beat asks every 10 s; three missed beats and the worker counts as gone


def beat_heart() -> None:
    """Note that a worker ran just now."""
    redis_client().set(KEY, int(time.time()), ex=ALIVE_SECONDS)


def worker_is_alive() -> bool:
    """Return whether a worker ran within the last ALIVE_SECONDS."""
    return bool(redis_client().exists(KEY))
