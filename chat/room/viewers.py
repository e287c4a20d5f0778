"""Who counts as one viewer, and keeping the marks of those who are here (`common.presence`)."""

import re
import time
from collections.abc import Sequence
from http.cookies import SimpleCookie

import redis.asyncio as redis
from django.conf import settings

from chat.events import ViewersChanged
from chat.room.feed import Feed
from chat.room.transmit import Scope
from chat.room.who import Who
from common.codes import new_code
from common.events import encode
from common.presence import MARK_SECONDS, presence_key

TICK_SECONDS = 2
FADE_SECONDS = TICK_SECONDS + 1.5
"""A viewer who left is counted this much longer: a reload, or a tab in another process, then changes nothing."""

MARKS_AT_ONCE = 250
"""Marks renewed before other work gets its turn: ten thousand in one go would hold up the room for 30 ms."""

COOKIE = "viewer"


def viewer_of(scope: Scope, who: Who) -> tuple[str, list[tuple[bytes, bytes]]]:
    """Return who is behind a socket, with the headers that make the browser say so next time.

    A member is one viewer on all devices; a guest is one per browser, known by a random cookie that is set with
    the first socket, goes to sockets only and ends with the browser session.
    """
    if who.is_member:
        return f"m:{who.code}", []
    known = scope["cookies"].get(COOKIE, "")
    if re.fullmatch(r"[0-9a-z]{12}", known):
        return f"g:{known}", []
    code = new_code()
    return f"g:{code}", [(b"set-cookie", _cookie(code).encode())]


def _cookie(code: str) -> str:
    morsel = SimpleCookie({COOKIE: code})[COOKIE]
    morsel["path"] = "/ws/"
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    morsel["secure"] = settings.SESSION_COOKIE_SECURE
    return morsel.OutputString()


async def count_again(client: redis.Redis, feeds: Sequence[Feed]) -> None:
    """Renew the marks of the viewers in these rooms, and tell each room its count if it changed.

    One round trip, and one more for every MARKS_AT_ONCE viewers. Raises RedisError.
    """
    if not feeds:
        return
    now = time.time()
    departed = [feed.departed.copy() for feed in feeds]
    async with client.pipeline(transaction=False) as pipe:
        marks = 0
        for feed, gone in zip(feeds, departed, strict=True):
            key = presence_key(feed.room)
            viewers = list(feed.viewers)
            for start in range(0, len(viewers), MARKS_AT_ONCE):
                some = viewers[start : start + MARKS_AT_ONCE]
                pipe.zadd(key, dict.fromkeys(some, now + MARK_SECONDS))
                if (marks := marks + len(some)) >= MARKS_AT_ONCE:
                    await pipe.execute()
                    marks = 0
            if gone:
                pipe.zadd(key, dict.fromkeys(gone, now + FADE_SECONDS), lt=True)
            pipe.zremrangebyscore(key, "-inf", now)
            pipe.expire(key, 10 * MARK_SECONDS)
        for feed in feeds:
            pipe.zcount(presence_key(feed.room), now, "+inf")
        counts = (await pipe.execute())[-len(feeds) :]
    for feed, gone, count in zip(feeds, departed, counts, strict=True):
        feed.departed -= gone
        if feed.count != count:
            feed.count = count
            feed.take(encode(ViewersChanged(count=count)))
