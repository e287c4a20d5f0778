"""Celery's Redis broker, but a worker outlives the loss of its Redis.

As of kombu 5.7, a channel whose connection is gone answers whoever still wants to use it (an acknowledgement of a task
that ended meanwhile, the giving back of messages in hand) with an AttributeError, which ends the worker. As a
connection error, which it is, everybody expects it. What was in hand comes again after the visibility timeout, and what
Redis forgot the sweeps find.
"""

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as RedisConnectionError


class SteadyChannel(kombu_redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise RedisConnectionError("the connection was lost")
        return super()._connparams(asynchronous)


class SteadyTransport(kombu_redis.Transport):
    """Named in CELERY_BROKER_TRANSPORT."""

    Channel = SteadyChannel
