"""One Redis server and those rooms of this process whose events travel through it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

import redis.asyncio as redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chat.room.feed import Feed
from chat.room.hearts import HEARTS_SECONDS, Hearts
from chat.room.viewers import TICK_SECONDS, count_again
from common.events import decode, room_channel

logger = logging.getLogger(__name__)

QUIET_SECONDS = 10
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5


class Source:
    """Feeds rooms from the Redis server at `url`, through one connection for all of them."""

    def __init__(self, url: str) -> None:
        self.feeds: dict[str, Feed] = {}
        self.hearts = Hearts()
        # A connection that comes back by itself would hide that events were missed: we retry, it does not.
        self._redis = redis.Redis.from_pool(
            redis.BlockingConnectionPool.from_url(
                url,
                max_connections=4,
                timeout=2,
                socket_timeout=2,
                socket_connect_timeout=2,
                retry=Retry(NoBackoff(), 0),
            )
        )
        self._rooms_changed = asyncio.Event()
        self._unanswered: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, room: str) -> Feed:
        """Return the room's feed, which is fed from now on until nobody is in it."""
        if not self._tasks:
            work = (
                self._follow(),
                self._repeat(self._count_viewers, every=TICK_SECONDS),
                self._repeat(self._count_hearts, every=HEARTS_SECONDS),
            )
            self._tasks = [asyncio.create_task(each) for each in work]
        self._rooms_changed.set()
        return self.feeds.get(room) or self.feeds.setdefault(room, Feed(room))

    async def _follow(self) -> None:
        """Keep the feeds fed, whatever happens to Redis."""
        pause = FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                async with self._redis.pubsub() as inbox:
                    await inbox.connect()
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._keep_subscribed(inbox))
                        group.create_task(self._read(inbox))
            except* (redis.RedisError, OSError) as errors:
                logger.warning("live rooms lost Redis: %s", errors.exceptions[0])
            except* Exception:
                logger.exception("live rooms lost their feed")
            for feed in self.feeds.values():
                feed.note_lost()
            if loop.time() - started > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 spreads the processes
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _keep_subscribed(self, inbox: PubSub) -> None:
        """Subscribe to the rooms somebody is in, one change at a time: an answer then means the newest ask."""
        subscribed: set[str] = set()
        self._unanswered.clear()
        self._rooms_changed.set()
        while True:
            await self._rooms_changed.wait()
            self._rooms_changed.clear()
            if self._unanswered:
                continue
            for room in [room for room, feed in self.feeds.items() if feed.is_idle]:
                del self.feeds[room]
            wanted = set(self.feeds)
            self._unanswered = wanted ^ subscribed
            if new := wanted - subscribed:
                await inbox.subscribe(*map(room_channel, new))
            if old := subscribed - wanted:
                await inbox.unsubscribe(*map(room_channel, old))
            subscribed = wanted

    async def _read(self, inbox: PubSub) -> None:
        """Hand out what Redis sends. Raises RedisError when it falls silent."""
        is_asked = False
        while True:
            message = await inbox.get_message(timeout=QUIET_SECONDS)
            if message is None:
                if is_asked:
                    raise redis.TimeoutError("Redis fell silent")
                await inbox.ping()
            is_asked = message is None
            if message and message["channel"]:
                self._hand_out(message["type"], message["channel"].decode(), message["data"])

    def _hand_out(self, kind: str, channel: str, data: bytes) -> None:
        room = channel.removeprefix(room_channel(""))
        feed = self.feeds.get(room)
        if kind == "message":
            if feed:
                for event in decode(data):
                    feed.take(event)
            return
        self._unanswered.discard(room)
        self._rooms_changed.set()
        if feed and kind == "subscribe":
            feed.note_subscribed()

    async def _repeat(self, work: Callable[[], Awaitable[None]], *, every: float) -> None:
        """Do some work again and again, `every` so many seconds, whatever becomes of it."""
        while True:
            try:
                await work()
            except redis.RedisError as error:
                logger.debug("not counted: %s", error)  # _follow says it loud enough
            except Exception:
                logger.exception("not counted")
            await asyncio.sleep(every)

    async def _count_viewers(self) -> None:
        """Renew our viewers' marks and tell the rooms how many there are."""
        try:
            await count_again(self._redis, [feed for feed in self.feeds.values() if not feed.is_idle])
        finally:
            self._rooms_changed.set()  # rooms may have become idle

    async def _count_hearts(self) -> None:
        """Add up the hearts given here and tell the rooms how many there are."""
        await self.hearts.count_again(self._redis, [feed for feed in self.feeds.values() if feed.outboxes])
