"""The socket of one member's open page: forwards what `common.member_news` tells them, and takes nothing in."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import Any, ClassVar

import redis
from channels.generic.websocket import AsyncWebsocketConsumer

from common.member_news import member_group, session_digest

# Why a socket is closed; docs/events.md says what a page does then.
TRY_AGAIN_LATER = 1013
SIGN_IN_FIRST = 4401
TOO_MANY = 4029

MOST_SOCKETS = 20
"""Of one member in one process: pages open at once, with room for those that left without a word."""

JOIN_AGAIN_SECONDS = 1
ALIVE_SECONDS = 25
"""Shorter than the silence after which proxies commonly drop a connection (60 s)."""

JOINED = json.dumps({"type": "member.joined"})
ALIVE = json.dumps({"type": "member.alive"})


class MemberConsumer(AsyncWebsocketConsumer):
    """Joins the member's group and sends itself a sign of life through it: who misses that misses news too."""

    open_sockets: ClassVar[Counter[int]] = Counter()
    group = ""
    joined = False
    alive: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 the base's signature
        try:
            await super().__call__(scope, receive, send)
        finally:  # also when the server or an error ends it without a disconnect
            if self.alive:
                self.alive.cancel()
                self.open_sockets.subtract([scope["user"].pk])
                if not self.open_sockets[scope["user"].pk]:
                    del self.open_sockets[scope["user"].pk]

    async def connect(self) -> None:
        await self.accept()  # a browser learns the code of a close only after the handshake
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(SIGN_IN_FIRST)
        elif self.open_sockets[user.pk] >= MOST_SOCKETS:
            await self.close(TOO_MANY)
        else:
            self.open_sockets[user.pk] += 1
            self.group = member_group(user.pk)
            self.alive = asyncio.create_task(self._stay_in_group())

    async def _stay_in_group(self) -> None:
        probe = {"type": "member.probe", "channel": self.channel_name}
        try:
            await self.channel_layer.group_add(self.group, self.channel_name)
            while True:
                # The first may be published before Redis has taken the subscription.
                await self.channel_layer.group_send(self.group, probe)
                await asyncio.sleep(ALIVE_SECONDS if self.joined else JOIN_AGAIN_SECONDS)
        except (redis.RedisError, OSError):
            await self.close(TRY_AGAIN_LATER)

    async def member_probe(self, message: dict[str, Any]) -> None:
        if message["channel"] == self.channel_name:
            await self.send(ALIVE if self.joined else JOINED)
            self.joined = True

    async def member_news(self, message: dict[str, Any]) -> None:
        await self.send(message["text"])

    async def member_signed_out(self, message: dict[str, Any]) -> None:
        if session_digest(self.scope["session"].session_key or "") == message["session"]:
            await self.close(SIGN_IN_FIRST)

    async def disconnect(self, code: int) -> None:
        if self.group:
            with suppress(redis.RedisError, OSError):
                await self.channel_layer.group_discard(self.group, self.channel_name)
