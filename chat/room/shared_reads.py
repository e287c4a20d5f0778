"""One read for everybody who asks the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SharedReads(Generic[K, V]):
    """When thousands return at once, the database is asked once.

    Whoever asks while a read runs shares the *next* one: the running one may already have missed what happened
    just before the question.
    """

    def __init__(self, read: Callable[[K], Awaitable[V]]) -> None:
        self._read = read
        self._running: dict[K, asyncio.Task[V]] = {}
        self._next: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """Return what a read that began after this call gave, or raise what it raised."""
        if key not in self._next:
            self._next[key] = asyncio.create_task(self._read_after(key, self._running.get(key)))
        return await asyncio.shield(self._next[key])

    async def _read_after(self, key: K, earlier: asyncio.Task[V] | None) -> V:
        if earlier:
            await asyncio.wait([earlier])
        this = self._running[key] = self._next.pop(key)
        try:
            return await self._read(key)
        finally:
            if self._running[key] is this:
                del self._running[key]
