"""The process's connection to Redis for plain (synchronous) code."""

import zlib
from collections.abc import Callable, Iterable
from functools import cache
from itertools import groupby
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry


@cache
def redis_client() -> redis.Redis:
    """Return the shared client; every call gives up within seconds with `redis.RedisError`.

    It tries twice at once (a kept connection may have died unnoticed), rather than with the library's growing
    pauses: requests would pile up behind a Redis that is away.
    """
    return _client(settings.REDIS_URL)


def room_redis(room: str) -> redis.Redis:
    """Return the client of the server that a live room's events and counts are on, see `url_of_room`."""
    url = url_of_room(room)
    return redis_client() if url == settings.REDIS_URL else _room_client(url)


def url_of_room(room: str) -> str:
    """Return which of REDIS_URLS a room is on: always the same one, in every process."""
    urls = settings.REDIS_URLS
    return str(urls[zlib.crc32(room.encode()) % len(urls)])


@cache
def _room_client(url: str) -> redis.Redis:
    return _client(url)


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1),
    )


def by_server(rooms: Iterable[str], ask: Callable[[Pipeline, str], object]) -> dict[str, Any]:
    """Ask one thing about each room, in one round trip to each server concerned. Raises `redis.RedisError`."""
    answers: dict[str, Any] = {}
    for _, group in groupby(sorted(rooms, key=url_of_room), key=url_of_room):
        asked = list(group)
        with room_redis(asked[0]).pipeline(transaction=False) as pipe:
            for room in asked:
                ask(pipe, room)
            answers |= zip(asked, pipe.execute(), strict=True)
    return answers
