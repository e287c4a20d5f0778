"""Encoders, many in one process: each sends the film over RTMP in real time, chunked as OBS does."""

import asyncio
import os
import struct
from bisect import bisect_left
from typing import Any, cast
from urllib.parse import urlsplit

from benchmarks.parts.film import CHUNK_SIZE, LENGTH_MS, Film
from broadcasts.ingest import amf
from broadcasts.ingest.chunks import ChunkReader, Message, encode_message
from devtools.problem import Problem

_SET_CHUNK_SIZE, _COMMAND = 1, 20
_HANDSHAKE = 1536
_CONNECT_SECONDS = 15
_PER_ADDRESS = 20
"""Servers limit connections per address: these encoders come from several of the loopback network."""


class Encoder(asyncio.Protocol):
    """One connection. `sent` grows with every video frame: its time in the stream in ms, when it was sent."""

    def __init__(self, film: Film, application: str, key: str, server: str) -> None:
        self.lost = False
        self.frame_times: list[int] = []
        self.sent_at: list[float] = []
        self.worst_lag = 0.0
        self.published: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._film = film
        self._connect = {"app": application, "type": "nonprivate", "tcUrl": server}
        self._key = key
        self._loop = asyncio.get_running_loop()
        self._greeting = bytearray()
        self._reader = ChunkReader()
        self._transport = cast(asyncio.Transport, None)
        self._timer: asyncio.TimerHandle | None = None
        self._next = self._round = 0
        self._origin = 0.0

    def sent(self, end_ms: int) -> float | None:
        """When the last frame before this time in the stream was sent (loop time), if it was."""
        index = bisect_left(self.frame_times, end_ms)
        return self.sent_at[index - 1] if index else None

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._transport.close()

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"\x03" + bytes(8) + os.urandom(_HANDSHAKE - 8))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._timer:
            self._timer.cancel()
        if not self.published.done():
            self.published.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        if self._greeting is not None and len(self._greeting) < 1 + 2 * _HANDSHAKE:
            self._greeting += data
            if len(self._greeting) < 1 + 2 * _HANDSHAKE:
                return
            data = bytes(self._greeting[1 + 2 * _HANDSHAKE :])
            self._transport.write(self._greeting[1 : 1 + _HANDSHAKE])
            self._transport.write(
                encode_message(2, _SET_CHUNK_SIZE, 0, struct.pack(">I", CHUNK_SIZE), chunk_size=128)
            )
            self._command("connect", 1, self._connect)
        self._reader.feed(data)
        while message := self._reader.next_message():
            self._answer(message)

    def _command(self, *values: object, stream: int = 0) -> None:
        self._transport.write(encode_message(3, _COMMAND, stream, amf.encode(*values), chunk_size=CHUNK_SIZE))

    def _answer(self, message: Message) -> None:
        if message.type == _SET_CHUNK_SIZE:
            self._reader.chunk_size = int.from_bytes(message.payload)
        if message.type != _COMMAND:
            return
        match amf.decode_all(message.payload):
            case ["_result", 1.0, *_]:
                self._command("createStream", 2, None)
            case ["_result", 2.0, _, 1.0]:
                self._command("publish", 3, None, self._key, "live", stream=1)
            case ["onStatus", _, _, {"code": "NetStream.Publish.Start"}] if not self.published.done():
                self.published.set_result(None)
                self._begin()
            case ["onStatus" | "_error", _, _, {"code": str(code)}] if not self.published.done():
                self.published.set_exception(ConnectionError(code))

    # Media

    def _begin(self) -> None:
        for tag in self._film.opening:
            self._transport.write(tag.at(0))
        self._origin = self._loop.time()
        self._send_due()

    def _send_due(self) -> None:
        tags, now = self._film.tags, self._loop.time()
        elapsed = (now - self._origin) * 1000
        while True:
            tag = tags[self._next]
            time_ms = self._round * LENGTH_MS + tag.time_ms
            if time_ms > elapsed:
                break
            self._transport.write(tag.at(time_ms))
            if tag.is_video:
                self.frame_times.append(time_ms)
                self.sent_at.append(now)
                self.worst_lag = max(self.worst_lag, elapsed / 1000 - time_ms / 1000)
            self._next += 1
            if self._next == len(tags):
                self._next, self._round = 0, self._round + 1
        self._timer = self._loop.call_at(self._origin + time_ms / 1000, self._send_due)


class Load:
    """The encoders that run. Addresses are used in their order."""

    def __init__(self, film: Film, urls: list[str]) -> None:
        self.encoders: list[Encoder] = []
        self._film = film
        self._urls = urls

    async def grow(self, count: int) -> None:
        """Have so many encoders publishing, started one after another. Problem if one is refused."""
        while len(self.encoders) < count:
            self.encoders.append(await self._publish(len(self.encoders)))
            await asyncio.sleep(0.03)  # so that their frames, and keyframes, do not come all at once

    def require_all(self) -> None:
        """Problem if the server has dropped an encoder."""
        lost = sum(encoder.lost for encoder in self.encoders)
        if lost:
            raise Problem(f"The server dropped {lost} of {len(self.encoders)} encoders.")

    def worst_lag(self) -> float:
        """The most seconds by which a frame was sent after its time since this was last asked: our own fault."""
        worst = max(encoder.worst_lag for encoder in self.encoders)
        for encoder in self.encoders:
            encoder.worst_lag = 0.0
        return worst

    def close(self) -> None:
        for encoder in self.encoders:
            encoder.close()

    async def _publish(self, number: int) -> Encoder:
        url = urlsplit(self._urls[number])
        application, key = url.path.strip("/").split("/", 1)
        source = f"127.0.0.{2 + number // _PER_ADDRESS}"
        loop: Any = asyncio.get_running_loop()
        server = f"rtmp://{url.netloc}/{application}"
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, encoder = await loop.create_connection(
                    lambda: Encoder(self._film, application, key, server),
                    "127.0.0.1",
                    url.port,
                    local_addr=(source, 0),
                )
                await encoder.published
        except (OSError, TimeoutError) as error:
            why = str(error) or "no answer in time"
            raise Problem(f"Encoder {number + 1} could not publish to {url.netloc}: {why}.") from error
        return cast(Encoder, encoder)
