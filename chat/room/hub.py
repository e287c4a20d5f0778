"""The rooms of this process."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings

from chat import history
from chat.room.feed import Feed
from chat.room.outbox import Outbox
from chat.room.shared_reads import Reading, SharedReads
from chat.room.source import Source
from common.redis_client import url_of_room


class TooManySockets(Exception):
    """The viewer has ROOM_MAX_CONNECTIONS_PER_VIEWER sockets in the room already, or the address too many."""


class Busy(Exception):
    """This process has ROOM_MAX_CONNECTIONS sockets already: another one, or a later moment, will do."""


class Hub:
    """Connects sockets with rooms. One per event loop, see `current_hub`."""

    def __init__(self) -> None:
        self.snapshots = SharedReads(self._read_room)
        self.existing = SharedReads(self._room_exists)
        self._sources = {url: Source(url) for url in settings.REDIS_URLS}
        self._sockets = 0
        self._addresses: Counter[str] = Counter()
        """Sockets per address they come from."""

    def admit(self, address: str) -> None:
        """Count a socket from an address, until `leave`. Raises Busy, TooManySockets."""
        if self._sockets >= settings.ROOM_MAX_CONNECTIONS:
            raise Busy
        if self._addresses[address] >= settings.ROOM_MAX_CONNECTIONS_PER_ADDRESS:
            raise TooManySockets
        self._sockets += 1
        self._addresses[address] += 1

    def leave(self, address: str) -> None:
        self._sockets -= 1
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]

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

    def enter(self, room: str, outbox: Outbox, viewer: str) -> Feed:
        """Add a socket to a room, until `feed.remove`. Raises TooManySockets."""
        feed = self._source_of(room).open(room)
        if feed.viewers[viewer] >= settings.ROOM_MAX_CONNECTIONS_PER_VIEWER:
            raise TooManySockets
        feed.add(outbox, viewer)
        return feed

    def give_hearts(self, room: str, count: int) -> None:
        self._source_of(room).hearts.add(room, count)

    def _source_of(self, room: str) -> Source:
        return self._sources[url_of_room(room)]

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

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
