"""A page with a camera, as the server meets it, and what its recorder makes."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from broadcasts.ingest.tests.support import FFMPEG, Site, run
from broadcasts.models import Channel
from chat.tests.servers import Server

H264, VP8 = "video/webm;codecs=h264,opus", "video/webm;codecs=vp8,opus"
PIECE = 16_000


@cache
def film(video: str = "libx264", *, seconds: int = 4) -> bytes:
    """A moving picture with a tone as a recorder writes it: Matroska that never says how long it is."""
    return run(
        [
            *(FFMPEG, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"),
            *("-f", "lavfi", "-i", "sine=440:sample_rate=48000", "-t", str(seconds), "-pix_fmt", "yuv420p"),
            *("-c:v", video, "-g", "30", "-b:v", "300k", "-deadline", "realtime"),
            *(("-preset", "ultrafast", "-bf", "0") if video == "libx264" else ()),
            *("-c:a", "libopus", "-f", "matroska", "-live", "1", "-cluster_time_limit", "100", "pipe:1"),
        ]
    )


def send_to(site: Site, member: User, key: str = "key-a") -> None:
    """Let the member's channel be the one that the ingest of a test knows by this key."""
    address = f"rtmp://127.0.0.1:{site.server.rtmp_port}/live"
    Channel.objects.filter(member=member).update(ingest_url=address, provider_ref=f"test {key} {member.pk}")
    channel = Channel.objects.get(member=member)
    channel.stream_key = key
    channel.save(update_fields=["stream_key"])


class Camera:
    """One socket of a page that has a camera."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def start(self, format_: str = H264, session: UUID | None = None) -> dict[str, Any]:
        """Ask to begin; returns what the server answers."""
        start = {"type": "start", "session": str(session or uuid4()), "format": format_}
        await self.socket.send(json.dumps(start))
        return await self.news()

    async def news(self) -> dict[str, Any]:
        async with asyncio.timeout(15):
            return json.loads(await self.socket.recv())

    async def record(self, data: bytes, *, seconds: float = 1.0) -> None:
        """Send a film in pieces over some time."""
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        for piece in pieces:
            await self.socket.send(piece)
            await asyncio.sleep(seconds / len(pieces))

    async def close_code(self) -> int:
        """Wait for the server to close the socket."""
        async with asyncio.timeout(15):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


@contextlib.asynccontextmanager
async def camera_of(member: User | None, server: Server, *, origin: str = "") -> AsyncIterator[Camera]:
    """Open the socket as the member's browser does."""
    address = f"127.0.0.1:{server.port}"
    headers = {"Cookie": await database_sync_to_async(session_cookie)(member)} if member else {}
    async with connect(
        f"ws://{address}/ws/camera/",
        origin=origin or f"http://{address}",  # type: ignore[arg-type]  # a NewType of str
        additional_headers=headers,
        compression=None,
    ) as socket:
        yield Camera(socket)


def session_cookie(member: User) -> str:
    client = Client()
    client.force_login(member)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
