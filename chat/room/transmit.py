"""The server's own `send`, past the middleware.

Session middleware wraps `send`, which halves how many frames a second one process can send. Authentication only
concerns the handshake, so what a room sends may go straight to the server.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Frame = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
Transmit = Callable[[Frame], Awaitable[None]]
Receive = Callable[[], Awaitable[Frame]]
Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Receive, Transmit], Awaitable[None]]


class KeepRawSend:
    """ASGI middleware: puts `send` as it is out here into scope["transmit"]."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Transmit) -> None:
        await self.inner({**scope, "transmit": send}, receive, send)


def write_now(transmit: Transmit) -> Callable[[Frame], bool]:
    """Return what writes a prepared frame at once, or says False: `RoomProtocol` can, other servers cannot."""
    short_way: Callable[[Frame], bool] = getattr(
        getattr(transmit, "__self__", None), "write_prepared", _never
    )
    return short_way


def _never(frame: Frame) -> bool:
    return False


def cut(transmit: Transmit) -> None:
    """Drop the connection without another word; nothing happens if it is gone already.

    ASGI has no word for it: a close frame, and the end of the application too, wait behind what the viewer does
    not read, for ever. uvicorn's `send` belongs to an object that has the transport; daphne gives up by itself.
    """
    transport = getattr(getattr(transmit, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
