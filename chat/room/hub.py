"""The rooms of this process and their one connection to Redis."""

import asyncio
import logging
import random
from collections import Counter
from weakref import WeakKeyDictionary

import redis.asyncio as redis
from channels.db import database_sync_to_async
from django.conf import settings
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chat import history
from chat.room.feed import Feed
from chat.room.hearts import HEARTS_SECONDS, Hearts
from chat.room.outbox import Outbox
from chat.room.shared_reads import Reading, SharedReads
from chat.room.viewers import TICK_SECONDS, count_again
from common.events import decode, room_channel

logger = logging.getLogger(__name__)

QUIET_SECONDS = 10
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5


class TooManySockets(Exception):
    """The viewer has ROOM_MAX_CONNECTIONS_PER_VIEWER sockets in the room already, or the address too many."""


class Busy(Exception):
    """This process has ROOM_MAX_CONNECTIONS sockets already: another one, or a later moment, will do."""


class Hub:
    """Connects sockets with rooms. One per event loop, see `current_hub`."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self.hearts = Hearts()
        self.addresses: Counter[str] = Counter()
        """Sockets per address they come from."""
        self.snapshots = SharedReads(self._read_room)
        self.existing = SharedReads(self._room_exists)
        # A connection that comes back by itself would hide that events were missed: we retry, it does not.
        self._redis = redis.Redis.from_pool(
            redis.BlockingConnectionPool.from_url(
                settings.REDIS_URL,
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

    def admit(self, address: str) -> None:
        """Count a socket from an address, until `leave`. Raises Busy, TooManySockets."""
        if self.addresses.total() >= settings.ROOM_MAX_CONNECTIONS:
            raise Busy
        if self.addresses[address] >= settings.ROOM_MAX_CONNECTIONS_PER_ADDRESS:
            raise TooManySockets
        self.addresses[address] += 1

    def leave(self, address: str) -> None:
        self.addresses[address] -= 1
        if not self.addresses[address]:
            del self.addresses[address]

    async def room_exists(self, room: str) -> bool:
        """Whether there is such a room, true within the last SHARED_SECONDS."""
        return (await self.existing.get(room, self._now() - settings.SHARED_SECONDS)).value

    async def state_of(self, feed: Feed, after: int | None) -> Reading[history.Snapshot | None]:
        """Return the state of a room that holds together with what its feed sends after `began`.

        It may be SHARED_SECONDS old, which `Feed.sent_since` makes up for, but not older than our subscription.
        """
        now = self._now()
        since = max(min(feed.subscribed_at, now), now - settings.SHARED_SECONDS)
        return await self.snapshots.get((feed.room, after), since)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def enter(self, room: str, outbox: Outbox, viewer: str) -> Feed:
        """Add a socket to a room, until `feed.remove`. Raises TooManySockets."""
        if not self._tasks:
            work = (self._follow_redis, self._count_viewers, self._count_hearts)
            self._tasks = [asyncio.create_task(each()) for each in work]
        feed = self.feeds.get(room) or self.feeds.setdefault(room, Feed(room))
        if feed.viewers[viewer] >= settings.ROOM_MAX_CONNECTIONS_PER_VIEWER:
            raise TooManySockets
        feed.add(outbox, viewer)
        self._rooms_changed.set()
        return feed

    async def _follow_redis(self) -> None:
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

    async def _count_viewers(self) -> None:
        """Renew our viewers' marks and tell the rooms how many there are."""
        while True:
            try:
                await count_again(self._redis, [feed for feed in self.feeds.values() if not feed.is_idle])
            except redis.RedisError as error:
                logger.debug("viewers not counted: %s", error)  # _follow_redis says it loud enough
            except Exception:
                logger.exception("viewers not counted")
            self._rooms_changed.set()  # rooms may have become idle
            await asyncio.sleep(TICK_SECONDS)

    async def _count_hearts(self) -> None:
        """Add up the hearts given here and tell the rooms how many there are."""
        while True:
            try:
                await self.hearts.count_again(
                    self._redis, [feed for feed in self.feeds.values() if feed.outboxes]
                )
            except redis.RedisError as error:
                logger.debug("hearts not counted: %s", error)  # _follow_redis says it loud enough
            except Exception:
                logger.exception("hearts not counted")
            await asyncio.sleep(HEARTS_SECONDS)

    async def _read_room(self, key: tuple[str, int | None]) -> history.Snapshot | None:
        return await database_sync_to_async(history.read_room, thread_sensitive=False)(*key)

    async def _room_exists(self, room: str) -> bool:
        return await database_sync_to_async(history.room_exists, thread_sensitive=False)(room)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """Return the hub of the running event loop: in a server process there is one loop, so one hub."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
