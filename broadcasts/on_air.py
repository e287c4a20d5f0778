"""What is on right now, asked once for every control room that wants to know."""

import json
import time

import redis
from django.core.cache import cache

from broadcasts.streaming import streaming
from broadcasts.streaming.base import LiveStream
from common.redis_client import redis_client

FRESH_SECONDS = 3
KEPT_SECONDS = 30
ANSWER = "broadcasts.live_streams"
TURN = "broadcasts.live_streams.turn"
SAMPLES_SECONDS = 600
"""How far the past of a signal reaches."""
SAMPLES_KEPT = SAMPLES_SECONDS // FRESH_SECONDS
"""While a control room is open it asks every FRESH_SECONDS; else only the sweep does."""

Sample = tuple[int, int, float]
"""Seconds since 1970, kbit/s, frames/s."""


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
        note_samples(streams)
    except redis.RedisError:
        return streaming().live_streams()
    return streams


def samples_of(ref: str) -> list[Sample]:
    """Return what arrived on a channel lately, oldest first; nothing where the provider tells nothing."""
    try:
        kept = redis_client().lrange(_samples_key(ref), 0, SAMPLES_KEPT - 1)
    except redis.RedisError:
        return []
    samples = [tuple(json.loads(sample)) for sample in reversed(kept)]
    return [sample for sample in samples if sample[0] >= time.time() - SAMPLES_SECONDS]


def note_samples(streams: list[LiveStream]) -> None:
    """Keep what arrives right now for `samples_of`. Raises RedisError."""
    now = int(time.time())
    with redis_client().pipeline(transaction=False) as pipe:
        for stream in streams:
            if stream.bitrate_bps is None:
                continue
            key = _samples_key(stream.ref)
            pipe.lpush(key, json.dumps([now, stream.bitrate_bps // 1000, round(stream.fps or 0, 1)]))
            pipe.ltrim(key, 0, SAMPLES_KEPT - 1)
            pipe.expire(key, SAMPLES_SECONDS)
        pipe.execute()


def _samples_key(ref: str) -> str:
    return f"signal:{ref}"
