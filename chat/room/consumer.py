"""The socket of one viewer in one room. The rules are elsewhere: this takes frames in and hands answers out."""

import asyncio
from contextlib import suppress

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from chat import writer
from chat.events import MessagePosted, MessageRefused, Pong, You
from chat.history import GUEST, Snapshot
from chat.limits import (
    FRAME_MAX_CHARACTERS,
    FRAMES_AT_ONCE,
    FRAMES_PER_SECOND,
    HEARTS_AT_ONCE,
    HEARTS_PER_SECOND,
)
from chat.refusals import Refusal, SignInFirst
from chat.room.allowance import Allowance
from chat.room.client_frames import BadFrame, Give, Ping, Say, Sync, parse
from chat.room.feed import Feed
from chat.room.frames import frame, frame_of, state_frame
from chat.room.hub import Busy, TooManySockets, current_hub
from chat.room.outbox import Outbox
from chat.room.transmit import Frame, Headers, Receive, Scope, Transmit
from chat.room.viewers import viewer_of
from chat.room.who import Who, who_is
from common.events import RoomEvent

# Why a socket is closed; docs/events.md says what a page does then.
NO_SUCH_ROOM = 4004
BUSY = 4013
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
    is_admitted = is_accepted = False
    hearts: Allowance | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Transmit) -> None:
        self.scope = scope
        self.room: str = scope["url_route"]["kwargs"]["code"]
        self.who = Who()
        self.transmit: Transmit = scope["transmit"]
        self.outbox = Outbox(self.transmit)
        self.address: str = (scope.get("client") or ("", 0))[0]
        now = asyncio.get_running_loop().time()
        self.frames = Allowance(FRAMES_AT_ONCE, FRAMES_PER_SECOND, now=now)
        try:
            await self._serve(receive)
        finally:
            if self.feed:
                self.feed.remove(self.outbox)
            if self.is_admitted:
                current_hub().leave(self.address)

    async def _serve(self, receive: Receive) -> None:
        """As the base does without a channel layer, but in this task: one more per viewer would be felt."""
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await self._receive_in_time(receive))

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
        try:
            current_hub().admit(self.address)
            self.is_admitted = True
            await self._enter()
        except TooManySockets:
            await self._turn_away(TOO_MANY)
        except Busy:
            await self._turn_away(BUSY)

    async def _enter(self) -> None:
        self.who = await who_is(self.scope)
        viewer, headers = viewer_of(self.scope, self.who)
        await self._accept(headers)
        self.outbox.hold()
        if await current_hub().room_exists(self.room):
            self.feed = current_hub().enter(self.room, self.outbox, viewer)
        else:
            self.outbox.close(NO_SUCH_ROOM)

    async def _accept(self, headers: Headers) -> None:
        self.is_accepted = True
        await self.transmit({"type": "websocket.accept", "headers": headers})

    async def _turn_away(self, code: int) -> None:
        """A browser learns the code of a close only after the handshake."""
        if not self.is_accepted:
            await self._accept([])
        self.outbox.close(code)

    async def websocket_receive(self, message: Frame) -> None:
        text = message.get("text")
        if self.outbox.closed or self.feed is None:
            return
        if text is None:
            self.outbox.close(TEXT_ONLY)
        elif len(text) > FRAME_MAX_CHARACTERS:
            self.outbox.close(TOO_LARGE)
        elif not self.frames.take(asyncio.get_running_loop().time()):
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
            case Give():
                self._give(request)
            case Ping():
                self._reply(Pong())

    async def _sync(self, request: Sync, feed: Feed) -> None:
        """Answer with the state, then with what happened since it was read."""
        self.outbox.hold()
        await feed.wait_subscribed()
        reading = await current_hub().state_of(feed, request.after)
        if reading.value is None:
            self.outbox.close(NO_SUCH_ROOM)
            return
        state = state_frame(reading.value, you=self._you(reading.value), viewers=feed.viewer_count)
        news = feed.sent_since(reading.began)
        self.outbox.release(state, *([frame(news)] if news else []))

    def _you(self, snapshot: Snapshot) -> You:
        if not self.who.is_member:
            return GUEST
        return You(
            name=self.who.name,
            can_chat=snapshot.is_open,
            is_seller=self.who.pk == snapshot.seller_id,
            code=self.who.code,
            keeps_order=self.who.pk in snapshot.rules.keepers,
            restriction=snapshot.rules.restriction_of(self.who.pk, self.who.code),
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
        if not self.who.is_member:
            raise SignInFirst
        message = writer.Incoming(
            session_key=self.who.session_key, key=request.key, text=request.text, reply_to=request.reply_to
        )
        return await writer.say(self.room, message)

    def _give(self, request: Give) -> None:
        """Count hearts, of guests too; those beyond the allowance are nobody's loss."""
        now = asyncio.get_running_loop().time()
        self.hearts = self.hearts or Allowance(HEARTS_AT_ONCE, HEARTS_PER_SECOND, now=now)
        current_hub().give_hearts(self.room, self.hearts.take(now, request.hearts))

    def _reply(self, event: RoomEvent) -> None:
        self.outbox.put(frame_of(event))
