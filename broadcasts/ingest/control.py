"""The site's own calls: what is on air, stop a show, drop an encoder whose key was replaced."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

logger = logging.getLogger(__name__)

STOP_TIMEOUT = 4.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Shows(Protocol):
    """What the control API needs from the server. `ref` names a channel."""

    def describe(self) -> list[dict[str, Any]]: ...
    def stop_channel(self, ref: str) -> asyncio.Task[None] | None: ...
    def disconnect(self, ref: str) -> bool: ...


class Control:
    def __init__(self, shows: Shows, secret: str) -> None:
        self._shows = shows
        self._secret = secret.encode()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/streams", self._guarded(self.streams)),
            web.post("/control/channels/{ref:[^/]+}/stop", self._guarded(self.stop)),
            web.post("/control/channels/{ref:[^/]+}/disconnect", self._guarded(self.disconnect)),
        ]

    async def streams(self, request: web.Request) -> web.Response:
        return web.json_response({"streams": self._shows.describe()})

    async def stop(self, request: web.Request) -> web.Response:
        """Drop the encoder and finish the recording; answers when the replay plays, or after a few seconds."""
        finishing = self._shows.stop_channel(request.match_info["ref"])
        if finishing is not None:
            await asyncio.wait([finishing], timeout=STOP_TIMEOUT)
        return web.json_response({"stopped": finishing is not None})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Only drop the encoder: the show waits for it to come back."""
        return web.json_response({"disconnected": self._shows.disconnect(request.match_info["ref"])})

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
            given = secret.strip().encode("utf-8", "surrogateescape")
            if not self._secret or scheme.lower() != "bearer" or not hmac.compare_digest(given, self._secret):
                logger.warning("Control call from %s refused", request.remote)
                raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
            response = await handler(request)
            response.headers["Cache-Control"] = "no-store"
            return response

        return guarded
