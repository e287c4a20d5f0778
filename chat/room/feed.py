"""One room in this process: who is connected here, and what they are told."""

import asyncio
import math
from collections import Counter, deque

from django.conf import settings

from chat.events import Resync
from chat.room.frames import frame, newest
from chat.room.outbox import Outbox
from common.events import encode

WINDOW_SECONDS = settings.ROOM_WINDOW_MS / 1000
SUBSCRIBE_SECONDS = 2
REMEMBER_SECONDS = 2  # longer than a state is kept, see Hub.state_of
URGENT = ('{"type":"chat.hidden"', '{"type":"chat.member', '{"type":"chat.rules"')
"""How `encode` begins what moderators did: it does not wait for the window."""

AT_ONCE = 256  # frames sent before other work gets its turn
OTHERS_SHARE = 0.1
"""The least rest between two frames, as a share of the time it took to send the first to everybody."""


class Feed:
    """Passes a room's events on to its sockets in this process.

    The first event leaves at once; what follows within WINDOW_SECONDS is joined into the next frame, which is
    encoded once for everybody.
    """

    def __init__(self, room: str) -> None:
        self.room = room
        self.subscribed = asyncio.Event()
        self.has_missed_events = False
        self.outboxes: dict[Outbox, str] = {}
        """Each socket with its viewer; a viewer may have several."""
        self.viewers: Counter[str] = Counter()
        self.departed: set[str] = set()
        """Viewers that left since their marks were last renewed."""
        self.count = 0
        """Distinct viewers in all processes, as counted last."""
        self._waiting: list[tuple[float, str]] = []
        self._recent: deque[tuple[float, str]] = deque()
        """What was sent lately, with the moment it came from Redis (seconds of the event loop's clock)."""
        self.subscribed_at = math.inf
        """Since when nothing is missed."""
        self._urgent = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        return not (self.outboxes or self.departed)

    @property
    def viewer_count(self) -> int:
        """Distinct viewers: those who came here since the last count are not in it yet."""
        return max(self.count, len(self.viewers))

    def add(self, outbox: Outbox, viewer: str) -> None:
        self.outboxes[outbox] = viewer
        self.viewers[viewer] += 1
        self.departed.discard(viewer)

    def remove(self, outbox: Outbox) -> None:
        viewer = self.outboxes.pop(outbox)
        self.viewers[viewer] -= 1
        if not self.viewers[viewer]:
            del self.viewers[viewer]
            self.departed.add(viewer)

    async def wait_subscribed(self) -> None:
        """Wait until nothing that happens in the room can be missed any more.

        Without Redis that takes too long: the sockets are then told to sync again once events flow.
        """
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await self.subscribed.wait()
        except TimeoutError:
            self.has_missed_events = True

    def note_subscribed(self) -> None:
        """Redis sends us the room's events from here on."""
        self.subscribed_at = self._now()
        self.subscribed.set()
        if self.has_missed_events:
            self.has_missed_events = False
            self.take(encode(Resync()))

    def note_lost(self) -> None:
        """Redis stopped sending us the room's events."""
        self.subscribed.clear()
        self.subscribed_at = math.inf
        self.has_missed_events = True

    def take(self, event: str) -> None:
        """Pass an encoded event on."""
        self._waiting.append((self._now(), event))
        if event.startswith(URGENT):
            self._urgent.set()
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_waiting())

    def sent_since(self, moment: float) -> list[str]:
        """Return what was sent of what came after a moment, at most REMEMBER_SECONDS ago."""
        return [event for came, event in self._recent if came >= moment]

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                began = self._now()
                events, self._waiting = self._waiting, []
                self._remember(events)
                message = frame(newest([event for _, event in events]))
                for sent, outbox in enumerate(tuple(self.outboxes), start=1):
                    outbox.put_news(message)
                    if sent % AT_ONCE == 0:
                        await asyncio.sleep(0)
                await self._rest(self._now() - began)
        finally:
            self._sender = None

    async def _rest(self, spent: float) -> None:
        """Wait for the window's end, or for something that cannot wait; `spent` seconds of it went by sending.

        A room so large that telling it takes longer leaves the process some time for everything else.
        """
        try:
            async with asyncio.timeout(max(WINDOW_SECONDS - spent, OTHERS_SHARE * spent)):
                await self._urgent.wait()
        except TimeoutError:
            pass
        self._urgent.clear()

    def _remember(self, events: list[tuple[float, str]]) -> None:
        self._recent.extend(events)
        forgotten = self._now() - REMEMBER_SECONDS
        while self._recent and self._recent[0][0] < forgotten:
            self._recent.popleft()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
