"""One read for everybody who asks the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Reading(Generic[V]):
    """What was read, and when the read began (seconds of the event loop's clock)."""

    value: V
    began: float


class SharedReads(Generic[K, V]):
    """When thousands return at once, the database is asked once.

    Whoever asks while a read runs shares the *next* one: the running one may already have missed what happened
    just before the question. Who is content with an older answer says since when it has to hold.
    """

    def __init__(self, read: Callable[[K], Awaitable[V]]) -> None:
        self._read = read
        self._running: dict[K, asyncio.Task[Reading[V]]] = {}
        self._next: dict[K, asyncio.Task[Reading[V]]] = {}
        self._kept: dict[K, Reading[V]] = {}

    async def get(self, key: K, since: float | None = None) -> Reading[V]:
        """Return what a read that began at `since` or later gave (None: after this call), or raise what it raised."""
        kept = self._kept.get(key)
        if since is not None and kept and kept.began >= since:
            return kept
        if key not in self._next:
            self._next[key] = asyncio.create_task(self._read_after(key, self._running.get(key)))
        return await asyncio.shield(self._next[key])

    async def _read_after(self, key: K, earlier: asyncio.Task[Reading[V]] | None) -> Reading[V]:
        if earlier:
            await asyncio.wait([earlier])
        this = self._running[key] = self._next.pop(key)
        try:
            began = asyncio.get_running_loop().time()
            reading = Reading(await self._read(key), began)
        finally:
            if self._running[key] is this:
                del self._running[key]
        self._keep(key, reading)
        return reading

    def _keep(self, key: K, reading: Reading[V]) -> None:
        self._kept.pop(key, None)
        self._kept[key] = reading
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
