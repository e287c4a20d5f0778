"""What the ingest tests share: a server on free ports, an RTMP encoder, real media to send, a look at what came out."""

import asyncio
import contextlib
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import imageio_ffmpeg

from broadcasts.ingest import amf
from broadcasts.ingest.channel import Channel
from broadcasts.ingest.chunks import ChunkReader, encode_message
from broadcasts.ingest.config import Config
from broadcasts.ingest.server import IngestServer

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SECRET = "control-secret"
BEARER = {"Authorization": f"Bearer {SECRET}"}
AUDIO, VIDEO, DATA = 8, 9, 18


@dataclass(frozen=True)
class Tag:
    """One FLV tag."""

    kind: int
    time: int
    payload: bytes

    @property
    def is_config(self) -> bool:
        return self.kind != DATA and self.payload[1] == 0

    @property
    def is_key(self) -> bool:
        return self.kind == VIDEO and self.payload[0] >> 4 == 1 and self.payload[1] == 1


@cache
def media(
    seconds: int = 4,
    *,
    size: str = "320x180",
    video: str = "-c:v libx264 -g 60 -bf 0",
    audio: str = "-c:a aac",
) -> tuple[Tag, ...]:
    """A moving picture (30 frames per second) with a tone, as an encoder sends it."""
    command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30"]
    if audio != "-an":
        command += ["-f", "lavfi", "-i", "sine=440:sample_rate=48000"]
    command += ["-t", str(seconds), *video.split(), "-sc_threshold", "0"]
    if "-pix_fmt" not in video:
        command += ["-pix_fmt", "yuv420p"]
    if "-preset" not in video:
        command += ["-preset", "ultrafast"]
    command += [*audio.split(), "-f", "flv", "pipe:1"]
    return tuple(parse_flv(run(command)))


def run(command: list[str], data: bytes | None = None) -> bytes:
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def parse_flv(data: bytes) -> Iterable[Tag]:
    position = 13
    while position + 11 <= len(data):
        length = int.from_bytes(data[position + 1 : position + 4])
        time_ms = int.from_bytes(data[position + 4 : position + 7]) | data[position + 7] << 24
        yield Tag(data[position], time_ms, data[position + 11 : position + 11 + length])
        position += 11 + length + 4


@dataclass
class Site:
    """A running server, what it emitted, and a client for its HTTP side."""

    server: IngestServer
    http: aiohttp.ClientSession
    events: list[dict[str, Any]]
    recordings: Path
    encoders: list["Encoder"] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """The names of the events, in order."""
        return [
            event["detail"].get("event_name") or event["detail"].get("recording_status") or "Limit Breach"
            for event in self.events
        ]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.http_port}{path}"

    async def get(self, path: str, **options: Any) -> tuple[int, bytes, Any]:
        async with self.http.get(self.url(path), **options) as response:
            return response.status, await response.read(), response.headers

    async def text(self, path: str) -> str:
        status, body, _ = await self.get(path)
        assert status == 200, (path, status, body)
        return body.decode()

    async def post(self, path: str) -> Any:
        async with self.http.post(self.url(path), headers=BEARER) as response:
            return await response.json()

    async def encoder(self, key: str = "key-a", tags: Iterable[Tag] = (), **options: Any) -> "Encoder":
        """An encoder that publishes with this key and has sent these tags."""
        encoder = await Encoder.connect(self.server.rtmp_port, **options)
        self.encoders.append(encoder)
        status = await encoder.publish(key)
        assert status["level"] == "status", status
        for tag in tags:
            encoder.send(tag)
        await encoder.drain()
        return encoder

    async def recorded(self, ref: str = "a") -> Path:
        """The folder of the one recording of a channel."""
        (folder,) = (self.recordings / f"play-{ref}").iterdir()
        return folder / "media" / "hls"


@contextlib.asynccontextmanager
async def running(recordings: Path, **settings: Any) -> AsyncIterator[Site]:
    """A server for which key-a, key-b … belong to channels a, b …"""
    events: list[dict[str, Any]] = []

    async def authorise(key: str) -> Channel | None:
        ref = key.removeprefix("key-")
        return Channel(ref, f"member-{ref}", f"play-{ref}") if ref != key else None

    async def emit(event: dict[str, Any]) -> None:
        events.append(event)

    defaults: dict[str, Any] = {"rtmp_port": 0, "http_port": 0, "control_secret": SECRET, "ffmpeg": FFMPEG}
    config = Config(recordings=recordings, **{**defaults, **settings})
    server = IngestServer(config, authorise=authorise, emit=emit)
    await server.start()
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
            yield Site(server, http, events, recordings)
    finally:
        await server.stop()


async def until(condition: Callable[[], Any], timeout: float = 10.0) -> Any:
    """Poll until the condition is true (it may be a coroutine function); fails after the timeout."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if isinstance(result, Awaitable):
            result = await result
        if result:
            return result
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


@dataclass
class Encoder:
    """The publishing side of RTMP, as small as it can be."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    chunk_size: int
    chunks: ChunkReader = field(default_factory=ChunkReader)

    @classmethod
    async def connect(cls, port: int, *, application: str = "live", chunk_size: int = 4096) -> "Encoder":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x03" + bytes(1536))
        answer = await reader.readexactly(1 + 2 * 1536)
        writer.write(answer[1:1537])
        encoder = cls(reader, writer, 128)
        encoder.message(1, struct.pack(">I", chunk_size), stream_id=0)
        encoder.chunk_size = chunk_size
        encoder.command("connect", 1, {"app": application, "type": "nonprivate"})
        encoder.command("releaseStream", 2, None, "x")
        encoder.command("createStream", 4, None)
        return encoder

    def message(self, kind: int, payload: bytes, *, stream_id: int = 1, time_ms: int = 0) -> None:
        chunk_stream = {AUDIO: 4, VIDEO: 6}.get(kind, 3)
        self.writer.write(
            encode_message(
                chunk_stream,
                kind,
                stream_id,
                payload,
                chunk_size=self.chunk_size,
                timestamp=time_ms & 0xFFFFFFFF,
            )
        )

    def command(self, *values: Any) -> None:
        self.message(20, amf.encode(*values), stream_id=0)

    async def publish(self, key: str) -> dict[str, Any]:
        """Ask to publish; returns the onStatus that answers."""
        self.message(20, amf.encode("publish", 5, None, key, "live"))
        return await self.status()

    async def status(self) -> dict[str, Any]:
        """The next onStatus message. Raises EOFError when the server hangs up without one."""
        async with asyncio.timeout(10):
            while True:
                values = await self._next_command()
                if values[0] == "onStatus":
                    return values[3]

    async def answer(self, transaction: int) -> list[Any]:
        """The _result or _error of a command."""
        async with asyncio.timeout(10):
            while True:
                values = await self._next_command()
                if values[0] in ("_result", "_error") and values[1] == transaction:
                    return values

    async def _next_command(self) -> list[Any]:
        while True:
            message = self.chunks.next_message()
            if message is None:
                data = await self.reader.read(65536)
                if not data:
                    raise EOFError
                self.chunks.feed(data)
            elif message.type == 1:
                self.chunks.chunk_size = int.from_bytes(message.payload)
            elif message.type == 20:
                return amf.decode_all(message.payload)

    def send(self, tag: Tag, *, shift: int = 0) -> None:
        self.message(tag.kind, tag.payload, time_ms=tag.time + shift)

    async def drain(self) -> None:
        await self.writer.drain()

    async def hung_up(self, timeout: float = 10.0) -> bool:
        """Wait until the server has closed the connection."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(timeout):
                while await self.reader.read(65536):
                    pass
        return True

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@dataclass(frozen=True)
class Packet:
    """A frame as ffmpeg reads it back; times in seconds."""

    stream: int
    dts: float
    pts: float
    duration: float


def packets(source: Path | str) -> list[Packet]:
    """What a player gets from a playlist or file, copied and not decoded."""
    text = run(
        [
            FFMPEG,
            "-v",
            "error",
            "-copyts",
            "-i",
            str(source),
            "-map",
            "0",
            "-c",
            "copy",
            "-f",
            "framehash",
            "-",
        ]
    )
    bases: dict[int, float] = {}
    found = []
    for line in text.decode().splitlines():
        if line.startswith("#tb"):
            stream, base = line[4:].split(": ")
            over, under = base.split("/")
            bases[int(stream)] = int(over) / int(under)
        elif not line.startswith("#"):
            stream, dts, pts, duration, *_ = (int(value) for value in line.split(",")[:4])
            base = bases[stream]
            found.append(Packet(stream, dts * base, pts * base, duration * base))
    return found


def decode(source: Path | str) -> str:
    """Decode everything; returns what ffmpeg complains about."""
    command = [FFMPEG, "-v", "warning", "-xerror", "-i", str(source), "-map", "0", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.stderr.decode()


def assert_seamless(found: list[Packet], *, tolerance: float = 0.002) -> None:
    """Each track is one chain: every frame begins where the one before ends."""
    for stream in {packet.stream for packet in found}:
        track = [packet for packet in found if packet.stream == stream]
        for before, after in zip(track, track[1:], strict=False):
            assert after.dts > before.dts
            assert abs(after.dts - before.dts - before.duration) <= tolerance, (before, after)


async def publish(site, tags, key="key-a", *, shift=0):
    """Send a whole stream and hang up; returns when the server has noticed."""
    encoder = await site.encoder(key)
    for tag in tags:
        encoder.send(tag, shift=shift)
    await encoder.drain()
    await until(lambda: site.server.describe())
    await encoder.close()
    await until(lambda: not site.server.describe())


async def stop(site, ref="a"):
    answer = await site.post(f"/control/channels/{ref}/stop")
    await until(lambda: "Recording End" in site.told)
    return answer


def frames(found, stream):
    return [packet for packet in found if packet.stream == stream]
