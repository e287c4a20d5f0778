"""What is on right now, asked once for every control room that wants to know."""

import redis
from django.core.cache import cache

from broadcasts.streaming import streaming
from broadcasts.streaming.base import LiveStream

FRESH_SECONDS = 3
KEPT_SECONDS = 30
ANSWER = "broadcasts.live_streams"
TURN = "broadcasts.live_streams.turn"


def known_streams() -> list[LiveStream]:
    """Return the streams that are on, a few seconds old at most. Raises ProviderError.

    Whoever takes the turn asks the provider; until the next turn all others get the answer it left, of all
    processes. While the very first answer is on its way they get none.
    """
    try:
        if not cache.add(TURN, True, timeout=FRESH_SECONDS):
            return cache.get(ANSWER, [])
        streams = streaming().live_streams()
        cache.set(ANSWER, streams, timeout=KEPT_SECONDS)
    except redis.RedisError:
        return streaming().live_streams()
    return streams
