"""The socket of one viewer in one room. The rules are elsewhere: this takes frames in and hands answers out."""

import asyncio
from dataclasses import replace
from functools import partial

from channels.consumer import AsyncConsumer, get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer

from chat import actions
from chat.access import signed_in_member
from chat.events import MessagePosted, MessageRefused, Pong, You
from chat.history import GUEST, Snapshot
from chat.limits import FRAME_MAX_CHARACTERS, FrameAllowance
from chat.refusals import Refusal, SignInFirst
from chat.room.client_frames import BadFrame, Ping, Say, Sync, parse
from chat.room.feed import Feed
from chat.room.frames import frame_of
from chat.room.hub import TooManySockets, current_hub
from chat.room.outbox import Outbox
from chat.room.transmit import Frame, Receive, Scope, Transmit
from chat.room.viewers import viewer_of
from common.events import RoomEvent

# Why a socket is closed; docs/events.md says what a page does then.
NO_SUCH_ROOM = 4004
TOO_MANY = 4029
GOING_AWAY = 1001
TEXT_ONLY = 1003
NOT_UNDERSTOOD = 1007
TOO_LARGE = 1009

SILENT_SECONDS = 100  # pages ping every 20 s, but browsers wake those in the background once a minute


class RoomConsumer(AsyncConsumer):
    """Guests read, members write. Nothing is read from the database per message and viewer."""

    channel_layer_alias = None  # the hub delivers
    feed: Feed | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Transmit) -> None:
        self.room: str = scope["url_route"]["kwargs"]["code"]
        self.user = scope["user"]
        self.transmit: Transmit = scope["transmit"]
        self.outbox = Outbox(self.transmit)
        self.allowance = FrameAllowance(asyncio.get_running_loop().time())
        try:
            await super().__call__(scope, partial(self._receive_in_time, receive), send)
        finally:
            if self.feed:
                self.feed.remove(self.outbox)

    async def _receive_in_time(self, receive: Receive) -> Frame:
        """A connection can die without a word: whoever is silent for too long has left."""
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                return await receive()
        except TimeoutError:
            self.outbox.close(GOING_AWAY)
            return {"type": "websocket.disconnect", "code": GOING_AWAY}

    async def dispatch(self, message: Frame) -> None:
        """Call the handler without the base's visit to the database thread: no connection is kept here."""
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: Frame) -> None:
        hub = current_hub()
        viewer, headers = viewer_of(self.scope)
        await self.transmit({"type": "websocket.accept", "headers": headers})
        self.outbox.hold()
        if not await hub.existing.get(self.room):
            self.outbox.close(NO_SUCH_ROOM)
            return
        try:
            self.feed = hub.enter(self.room, self.outbox, viewer)
        except TooManySockets:
            self.outbox.close(TOO_MANY)

    async def websocket_receive(self, message: Frame) -> None:
        text = message.get("text")
        if self.outbox.closed or self.feed is None:
            return
        if text is None:
            self.outbox.close(TEXT_ONLY)
        elif len(text) > FRAME_MAX_CHARACTERS:
            self.outbox.close(TOO_LARGE)
        elif not self.allowance.take(asyncio.get_running_loop().time()):
            self.outbox.close(TOO_MANY)
        else:
            await self._take(text, self.feed)

    async def websocket_disconnect(self, message: Frame) -> None:
        raise StopConsumer

    async def _take(self, text: str, feed: Feed) -> None:
        try:
            request = parse(text)
        except BadFrame:
            self.outbox.close(NOT_UNDERSTOOD)
            return
        match request:
            case Sync():
                await self._sync(request, feed)
            case Say():
                await self._say(request)
            case Ping():
                self._reply(Pong())

    async def _sync(self, request: Sync, feed: Feed) -> None:
        """Answer with the state, then with what happened since it was read."""
        self.outbox.hold()
        await feed.wait_subscribed()
        snapshot = await current_hub().snapshots.get((self.room, request.after))
        if snapshot is None:
            self.outbox.close(NO_SUCH_ROOM)
            return
        state = replace(snapshot.state, you=self._you(snapshot), viewers=feed.viewer_count)
        self.outbox.release(first=frame_of(state))

    def _you(self, snapshot: Snapshot) -> You:
        if not self.user.is_authenticated:
            return GUEST
        return You(
            name=self.user.nickname,
            can_chat=snapshot.is_open,
            is_seller=self.user.pk == snapshot.seller_id,
        )

    async def _say(self, request: Say) -> None:
        """The writer is answered directly: also when the message is an old one, and when Redis is away."""
        try:
            self._reply(await self._post(request))
        except Refusal as refusal:
            self._reply(
                MessageRefused(
                    key=str(request.key),
                    code=refusal.code,
                    message=refusal.message,
                    retry_ms=refusal.retry_ms,
                )
            )

    async def _post(self, request: Say) -> MessagePosted:
        if not self.user.is_authenticated:
            raise SignInFirst
        post = database_sync_to_async(_post, thread_sensitive=False)
        return await post(self.scope["session"].session_key, self.room, request)

    def _reply(self, event: RoomEvent) -> None:
        self.outbox.put(frame_of(event))


def _post(session_key: str, room: str, request: Say) -> MessagePosted:
    """Post as whoever this session belongs to now: members sign out while their sockets stay open."""
    author = signed_in_member(session_key)
    if author is None:
        raise SignInFirst
    return actions.say(room, author, key=request.key, text=request.text)
