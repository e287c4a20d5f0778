"""Publishing to an RTMP(S) server, as little of the protocol as that takes.

ffmpeg would do it, but takes a stream key on its command line only, where other users of the machine can read it, and
keeps to itself what the server says. Adobe's "RTMP Specification 1.0"; the chunks and values are `broadcasts.ingest`'s.
"""

import asyncio
import contextlib
import os
import ssl
import struct
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from broadcasts.camera.flv import AUDIO, SCRIPT, VIDEO, Tag
from broadcasts.ingest import amf
from broadcasts.ingest.chunks import DEFAULT_CHUNK_SIZE, BadChunk, ChunkReader, Message, encode_message

ANSWER_SECONDS = 8.0
CLOSE_SECONDS = 2.0
HANDSHAKE = 1536
OUR_CHUNK_SIZE = 65_536
PORTS = {"rtmp": 1935, "rtmps": 443}
SET_CHUNK_SIZE, ACKNOWLEDGEMENT, USER_CONTROL, WINDOW_SIZE, COMMAND = 1, 3, 4, 5, 20
PING, PONG = 6, 7
CHUNK_STREAMS = {AUDIO: 4, VIDEO: 6, SCRIPT: 5}
PUBLISHED = "NetStream.Publish.Start"
METADATA_TARGET = amf.encode("@setDataFrame")


class PublishError(Exception):
    """The connection cannot be made, or is lost; trying again may help."""


class PublishRefused(PublishError):
    """The server said no. `status` is its code ("NetStream.Publish.BadName"), the text its reason."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class RtmpPublisher:
    """A connection that publishes under one stream key. Use it as a context manager after `open`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._messages = ChunkReader()
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._received = self._acknowledged = 0
        self._window = 0
        self._stream_id = 1

    @classmethod
    async def open(cls, url: str, stream_key: str) -> Self:
        """Connect to "rtmp(s)://host[:port]/application" and publish. Raises PublishError, PublishRefused."""
        parts = urlsplit(url)
        secure = ssl.create_default_context() if parts.scheme == "rtmps" else None
        publisher = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                port = parts.port or PORTS[parts.scheme]
                publisher = cls(*await asyncio.open_connection(parts.hostname, port, ssl=secure))
                await publisher._shake_hands()
                await publisher._publish(url.rstrip("/"), parts.path.strip("/"), stream_key)
        except BaseException as error:
            if publisher:
                await publisher.close()
            if isinstance(error, PublishRefused):
                raise
            if isinstance(error, OSError | TimeoutError | EOFError | BadChunk | amf.BadAmf):
                raise PublishError(type(error).__name__) from None  # its text may hold the key
            raise
        return publisher

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, tag: Tag) -> None:
        """Send a tag, waiting while the server does not read. Raises PublishError."""
        if tag.kind not in CHUNK_STREAMS:
            return
        payload = METADATA_TARGET + tag.payload if tag.kind == SCRIPT else tag.payload
        self._write(CHUNK_STREAMS[tag.kind], tag.kind, payload, self._stream_id, tag.timestamp)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise PublishError(type(error).__name__) from error

    async def watch(self) -> None:
        """Answer the server until it ends the connection, then raise PublishError or PublishRefused."""
        try:
            while True:
                _check(await self._next_command())
        except (OSError, EOFError, BadChunk, amf.BadAmf) as error:
            raise PublishError(type(error).__name__) from error

    async def close(self) -> None:
        """Say goodbye and close; harmless when repeated."""
        if self._writer.is_closing():
            return
        self._command("deleteStream", 6, None, self._stream_id)
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._writer.wait_closed()

    async def _shake_hands(self) -> None:
        self._writer.write(b"\x03" + bytes(8) + os.urandom(HANDSHAKE - 8))
        answer = await self._reader.readexactly(1 + 2 * HANDSHAKE)
        self._writer.write(answer[1 : 1 + HANDSHAKE])

    async def _publish(self, address: str, application: str, stream_key: str) -> None:
        self._write(2, SET_CHUNK_SIZE, struct.pack(">I", OUR_CHUNK_SIZE), 0)
        self._chunk_size = OUR_CHUNK_SIZE
        self._command("connect", 1, {"app": application, "type": "nonprivate", "tcUrl": address})
        await self._answer_to(1)
        self._command("releaseStream", 2, None, stream_key)
        self._command("FCPublish", 3, None, stream_key)
        self._command("createStream", 4, None)
        self._stream_id = int((await self._answer_to(4))[3])
        payload = amf.encode("publish", 5, None, stream_key, "live")
        self._write(8, COMMAND, payload, self._stream_id)
        while _check(await self._next_command()) != PUBLISHED:
            pass

    async def _answer_to(self, number: int) -> list[Any]:
        while True:
            values = await self._next_command()
            _check(values)
            if values[:2] == ["_result", number] and len(values) > 3:
                return values

    async def _next_command(self) -> list[Any]:
        """Return the next command's values, doing what the protocol asks for on the way."""
        while True:
            message = self._messages.next_message()
            if message is None:
                data = await self._reader.read(65_536)
                if not data:
                    raise EOFError
                self._messages.feed(data)
                self._acknowledge(len(data))
            elif message.type == COMMAND:
                return amf.decode_all(message.payload)
            else:
                self._obey(message)

    def _obey(self, message: Message) -> None:
        if message.type == SET_CHUNK_SIZE:
            self._messages.chunk_size = max(1, int.from_bytes(message.payload[:4]))
        elif message.type == WINDOW_SIZE:
            self._window = int.from_bytes(message.payload[:4])
        elif message.type == USER_CONTROL and int.from_bytes(message.payload[:2]) == PING:
            self._write(2, USER_CONTROL, struct.pack(">H", PONG) + message.payload[2:6], 0)

    def _acknowledge(self, received: int) -> None:
        self._received += received
        if self._window and self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._write(2, ACKNOWLEDGEMENT, struct.pack(">I", self._received & 0xFFFFFFFF), 0)

    def _command(self, *values: object) -> None:
        self._write(3, COMMAND, amf.encode(*values), 0)

    def _write(
        self, chunk_stream: int, kind: int, payload: bytes, stream_id: int, timestamp: int = 0
    ) -> None:
        self._writer.write(
            encode_message(
                chunk_stream, kind, stream_id, payload, chunk_size=self._chunk_size, timestamp=timestamp
            )
        )


def _check(values: list[Any]) -> str:
    """Return the status a command brings ("" for none). Raises PublishRefused when it is an error."""
    info = values[3] if len(values) > 3 and isinstance(values[3], dict) else {}
    code, reason = str(info.get("code", "")), str(info.get("description", ""))
    if values[0] == "_error" or info.get("level") == "error":
        raise PublishRefused(code or "NetConnection.Call.Failed", reason)
    return code
