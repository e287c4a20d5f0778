"""Celery's Redis broker, but a worker outlives the loss of its Redis.

As of kombu 5.7, closing a lost connection tries to give the messages in hand back over that very connection; the error
this raises is not expected there and ends the worker ("Unrecoverable error"). They need no giving back: Redis hands
them out again after the visibility timeout, and what Redis forgot the sweeps find.
"""

import logging
from typing import TextIO

from kombu.transport import redis as kombu_redis

logger = logging.getLogger(__name__)


class SteadyQoS(kombu_redis.QoS):
    def restore_unacked_once(self, stderr: TextIO | None = None) -> None:
        try:
            super().restore_unacked_once(stderr)
        except (*self.channel.connection_errors, AttributeError):
            logger.warning("messages in hand stay with the broker: it is not there")


class SteadyChannel(kombu_redis.Channel):
    QoS = SteadyQoS


class SteadyTransport(kombu_redis.Transport):
    """Named in CELERY_BROKER_TRANSPORT."""

    Channel = SteadyChannel
