"""The last seconds of a live stream, kept in memory for the players, and waiting for what comes next."""

import asyncio
from collections import deque
from collections.abc import Callable

from .segments import Init, Part, Segment, part_name

LISTED_SEGMENTS = 4
LISTED_MS = 12_000
"""A playlist lists at least so many complete segments, and at least so much time."""

KEPT_SEGMENTS = 2
"""Segments gone from the playlist that can still be fetched, by players that read it just before."""


class LiveWindow:
    """`segments` are the listed ones, the last may be growing. `version` changes with every change.

    `epoch` is in the name of the segment that comes next.
    """

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.segments: deque[Segment] = deque()
        self.discontinuity_sequence = 0
        self.target_duration = 2
        self.peak_bitrate = 0
        self.ended = False
        self.version = 0
        self._dropped: deque[Segment] = deque(maxlen=KEPT_SEGMENTS)
        self._waiting: set[asyncio.Future[None]] = set()

    # Filling: this is a packager's Output.

    def segment_begun(self, segment: Segment) -> None:
        self.segments.append(segment)

    def part_added(self, segment: Segment, part: Part) -> None:
        self.target_duration = max(self.target_duration, round(segment.duration_ms / 1000))
        self._changed()

    def segment_ended(self, segment: Segment) -> None:
        if segment.duration_ms:
            self.target_duration = max(self.target_duration, round(segment.duration_ms / 1000))
            self.peak_bitrate = max(self.peak_bitrate, segment.size * 8000 // segment.duration_ms)
        complete = [item for item in self.segments if item.complete]
        listed = sum(item.duration_ms for item in complete)
        for oldest in complete[:-LISTED_SEGMENTS]:
            listed -= oldest.duration_ms
            if listed < LISTED_MS:
                break
            self._dropped.append(self.segments.popleft())
            self.discontinuity_sequence += oldest.discontinuity
        self._changed()

    def end(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self._changed()

    # Reading

    @property
    def init(self) -> Init | None:
        return self.segments[-1].init if self.segments else None

    @property
    def last_complete(self) -> Segment | None:
        return next((segment for segment in reversed(self.segments) if segment.complete), None)

    @property
    def next_part(self) -> tuple[int, int]:
        """Media sequence number and index of the part that is to come."""
        if not self.segments:
            return (0, 0)
        last = self.segments[-1]
        return (last.msn + 1, 0) if last.complete else (last.msn, len(last.parts))

    def has(self, msn: int, part: int | None) -> bool:
        """Is this part there, or without `part` the whole segment?"""
        if self.ended:
            return True
        following = self.next_part
        if part is None:
            return following[0] > msn
        return following > (msn, part)

    def find(self, name: str) -> bytes | None:
        """The bytes of a segment, a part or an init segment; None when it is not (or no longer) there."""
        for segment in (*self.segments, *self._dropped):
            if segment.init.name == name:
                return segment.init.data
            if not name.startswith(segment.name[:-4]):
                continue
            if name == segment.name:
                return segment.data if segment.complete else None
            for index, part in enumerate(segment.parts):
                if name == segment.part_name(index):
                    return part.data
        return None

    @property
    def hint(self) -> str | None:
        """The name of the part that comes next, also while the encoder is away; None when none will.

        Without a hint behind a complete last segment, hls.js takes that one for the growing one and fails when the
        real one comes.
        """
        return None if self.ended else part_name(self.next_part[0], self.epoch, self.next_part[1])

    async def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until the condition holds; False when it did not in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not condition():
            changed = loop.create_future()
            self._waiting.add(changed)
            timer = loop.call_at(deadline, _settle, changed)
            try:
                await changed
            finally:
                timer.cancel()
                self._waiting.discard(changed)
            if loop.time() >= deadline:
                return condition()
        return True

    def _changed(self) -> None:
        self.version += 1
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            _settle(future)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
