"""What waits to be sent to one viewer."""

import asyncio
import types
from collections import deque
from collections.abc import Coroutine, Generator
from typing import Any, cast

from chat.room.transmit import Frame, Transmit, cut, write_now

MOST_WAITING = 64  # frames: six seconds of the busiest room
CLOSE_SECONDS = 3
TOO_SLOW = 4008

GONE = (OSError, RuntimeError)
"""What `send` raises when the viewer has left: uvicorn's ClientDisconnected is an OSError."""

_closings: set[asyncio.Task[None]] = set()  # asyncio itself would let a running task be collected


class Outbox:
    """Sends frames to one viewer, in order; `put` never waits for anybody.

    Most frames leave at once. Only when the server makes us wait (the viewer reads slower than we write) does a
    task take over, and whoever lets MOST_WAITING frames pile up is dropped with TOO_SLOW.
    """

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit
        self._write_now = write_now(transmit)
        self._waiting: deque[Frame] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._held = False
        self.closed = False

    def put(self, frame: Frame) -> None:
        """Send the frame, or keep it until it can be sent. The frame may be shared by many viewers."""
        if self.closed:
            return
        if not (self._waiting or self._held or self._writer) and self._write_now(frame):
            return
        if len(self._waiting) >= MOST_WAITING:
            self.close(TOO_SLOW)
            return
        self._waiting.append(frame)
        self._send_waiting()

    def put_news(self, frame: Frame) -> None:
        """Send what everybody in the room gets, unless the viewer waits for the state: that will contain it."""
        if not self._held:
            self.put(frame)

    def hold(self) -> None:
        """Keep what is put from now on, and pass the room's news over, until `release`."""
        self._held = True

    def release(self, *first: Frame) -> None:
        """Send `first`, then what was held."""
        self._held = False
        if not self.closed:
            self._waiting.extendleft(reversed(first))
            self._send_waiting()

    def close(self, code: int) -> None:
        """Forget what waits and end the connection, politely if the viewer still reads."""
        if self.closed:
            return
        self._stop()
        if self._writer:
            self._writer.cancel()
        closing = asyncio.create_task(self._close(code))
        _closings.add(closing)
        closing.add_done_callback(_closings.discard)

    def _send_waiting(self) -> None:
        while self._waiting and not self._held and self._writer is None:
            step = cast(Coroutine[Any, Any, None], self._transmit(self._waiting.popleft()))
            try:
                blocked_on = step.send(None)
            except StopIteration:
                continue
            except GONE:
                self._stop()
            else:
                self._writer = asyncio.create_task(self._go_on(step, blocked_on))

    async def _go_on(self, step: Coroutine[Any, Any, None], blocked_on: object) -> None:
        try:
            await _rest_of(step, blocked_on)
        except GONE:
            self._stop()
        self._writer = None
        self._send_waiting()

    async def _close(self, code: int) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._transmit({"type": "websocket.close", "code": code})
            await asyncio.sleep(CLOSE_SECONDS)  # the viewer's time to answer
        except (TimeoutError, *GONE):
            pass
        finally:
            cut(self._transmit)

    def _stop(self) -> None:
        self.closed = True
        self._waiting.clear()


@types.coroutine
def _rest_of(step: Coroutine[Any, Any, None], blocked_on: object) -> Generator[Any, Any, None]:
    """Await a coroutine that was stepped once by hand and now waits for the future `blocked_on`.

    A task per frame and viewer would cost more than sending the frame; that first step is free of it.
    """
    yield blocked_on
    yield from step
