"""The socket of one seller's camera. The rules are elsewhere: this takes frames in and hands news out.

The page says {"type": "start", "session": UUID, "format": mimeType}, waits for "camera.ready", then sends what its
recorder makes in binary frames. It has reached the channel of whoever is signed in, and can name no other.
"""

import asyncio
import json
import logging
from contextlib import suppress
from functools import partial
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer

from accounts.models import User
from broadcasts.camera.events import CameraEnded, CameraReady
from broadcasts.camera.formats import read_format
from broadcasts.camera.limits import FRAME_MAX_BYTES, MediaAllowance
from broadcasts.camera.refusals import (
    CameraRefused,
    ChannelNotReady,
    NothingCame,
    ServerAway,
    SignInFirst,
    TooFast,
)
from broadcasts.camera.session import CameraSession
from broadcasts.models import Channel
from common.events import encode

logger = logging.getLogger(__name__)

SILENT_SECONDS = 12.0
START_MAX_CHARACTERS = 500

# Why a socket is closed without a word: no version of our pages does that.
NOT_UNDERSTOOD = 1007
TOO_LARGE = 1009


class CameraConsumer(AsyncConsumer):
    channel_layer_alias = None
    session: CameraSession | None = None
    task: asyncio.Task[None] | None = None
    ready = closed = False

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 the base's
        self.allowance = MediaAllowance(asyncio.get_running_loop().time())
        try:
            await super().__call__(scope, partial(self._receive_in_time, receive), send)
        finally:
            if self.task:
                self.task.cancel()
                await asyncio.gather(self.task, return_exceptions=True)

    async def _receive_in_time(self, receive):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        """A recorder never pauses for long: who is silent has lost the camera or the connection."""
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                return await receive()
        except TimeoutError:
            await self._end(NothingCame())
            return {"type": "websocket.disconnect", "code": NothingCame.close_code}

    async def dispatch(self, message):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Call the handler without the base's visit to the database thread: frames come by the dozen a second."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, object]) -> None:
        await self.send({"type": "websocket.accept"})
        if not self.scope["user"].is_authenticated:
            await self._end(SignInFirst())

    async def websocket_receive(self, message: dict[str, object]) -> None:
        data, text = message.get("bytes"), message.get("text")
        if self.closed:
            return
        if isinstance(data, bytes):
            await self._take(data)
        elif isinstance(text, str) and self.task is None:
            await self._start(text)
        else:
            await self._close(NOT_UNDERSTOOD)

    async def websocket_disconnect(self, message: dict[str, object]) -> None:
        raise StopConsumer

    async def _take(self, data: bytes) -> None:
        if len(data) > FRAME_MAX_BYTES:
            await self._close(TOO_LARGE)
        elif not self.ready or self.session is None:
            await self._close(NOT_UNDERSTOOD)
        elif not self.allowance.take(len(data), asyncio.get_running_loop().time()):
            await self._end(TooFast())
        else:
            try:
                self.session.feed(data)
            except TooFast as refused:
                await self._end(refused)

    async def _start(self, text: str) -> None:
        asked = _read_start(text)
        if asked is None:
            await self._close(NOT_UNDERSTOOD)
            return
        session, mime = asked
        try:
            format_ = read_format(mime)
            channel = await _channel_of(self.scope["user"])
        except CameraRefused as refused:
            await self._end(refused)
            return
        self.session = CameraSession(channel, session, format_)
        self.task = asyncio.create_task(self._run(self.session))

    async def _run(self, session: CameraSession) -> None:
        try:
            await session.run(self._tell_ready)
        except CameraRefused as refused:
            await self._end(refused)
        except Exception:
            logger.exception("a camera was dropped by an unexpected error")
            await self._end(ServerAway())

    async def _tell_ready(self) -> None:
        self.ready = True
        await self._send({"type": "websocket.send", "text": encode(CameraReady())})

    async def _end(self, refused: CameraRefused) -> None:
        """Say why, then close."""
        if self.closed:
            return
        event = CameraEnded(code=refused.code, message=refused.message, retry=refused.retry)
        await self._send({"type": "websocket.send", "text": encode(event)})
        await self._close(refused.close_code)

    async def _close(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            await self._send({"type": "websocket.close", "code": code})

    async def _send(self, frame: dict[str, object]) -> None:
        with suppress(OSError):  # the page has left; the next thing received says so
            await self.send(frame)


def _read_start(text: str) -> tuple[UUID, str] | None:
    """Return the page's session and its recorder's format; None for anything else."""
    if len(text) > START_MAX_CHARACTERS:
        return None
    try:
        match json.loads(text):
            case {"type": "start", "session": str(session), "format": str(mime)}:
                return UUID(session), mime
    except (ValueError, RecursionError):
        return None
    return None


@partial(database_sync_to_async, thread_sensitive=False)
def _channel_of(user: User) -> Channel:
    """Return the member's channel as it stands now, with its key. Raises ChannelNotReady."""
    channel = Channel.objects.filter(member=user.pk, state=Channel.State.READY).first()
    if channel is None:
        raise ChannelNotReady
    return channel
