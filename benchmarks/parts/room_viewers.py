"""A process of viewers: joins a room many times over, has messages sent and counts what arrives.

    python -m benchmarks.parts.room_viewers '{"ports": [8000], …}'   # the fields of `Task`; answers a line of JSON

All viewers get the same bytes, so each distinct chunk is read once and looked up afterwards: a delivery then costs
little more than the system call, and one process can count more than a server can send. How busy it was is part of
the answer.
"""

import asyncio
import json
import re
import resource
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import redis
import uvloop

from benchmarks.parts.usage import Usage, process_usage

MESSAGE = re.compile(rb'"n":(\d+),"t":(\d+)')
FILLER = "오늘만 이 가격이에요 " * 4
MASK = bytes(4)
BIN_NS = 500_000
HANDSHAKE_SECONDS = 30
DRAIN_SECONDS = 8
VIEWERS_PER_ADDRESS = 250
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


@dataclass(frozen=True, kw_only=True)
class Task:
    """What to do. `ports` and `pids` are of the server's processes, which share the viewers.

    `speech` is "text" or "socket.io". With `redis`, messages are published to `channel` there; without it the first
    viewer sends them.
    """

    ports: Sequence[int]
    pids: Sequence[int]
    path: str
    viewers: int
    rate: float
    seconds: float
    speech: str
    first: str = ""
    """What a viewer sends after the handshake, and is answered with before anything else."""
    cookies: str = ""
    """A file with a Cookie header for each viewer."""
    redis: str = ""
    channel: str = ""
    at_once: int = 256
    awake: bool = False
    """Never sleep: to be woken for each frame takes a virtual processor longer than to read it, and where little is
    sent that would be what is measured."""
    spread: bool = False
    """Come from as many addresses as people behind one are allowed."""


@dataclass(kw_only=True)
class Outcome:
    """What was seen. Times are milliseconds, but for `joined_in` (seconds)."""

    joined: int
    failed: int
    joined_in: float
    join_p99: float
    kb_per_viewer: float
    sent: int
    delivered: int
    lost: int
    doubled: int
    frames: int
    seconds: float
    server_cpu: float
    """Seconds of the server's processes while messages were sent."""
    client_busy: float
    """Share of its core that this process used meanwhile, nearly all of it if it was to stay awake."""
    p50: float
    p99: float
    worst: float
    closed: int
    problems: list[str] = field(default_factory=list)


class Viewer(asyncio.Protocol):
    """One socket. Messages are numbered: what is missing or comes twice shows in the numbers."""

    __slots__ = ("began", "buffer", "next", "number", "ready", "room", "transport")

    def __init__(self, room: "Room", number: int) -> None:
        self.room, self.number = room, number
        self.began = time.monotonic_ns()
        self.buffer = b""
        self.next = 0
        self.ready = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.room.handshake(self.number))

    def data_received(self, data: bytes) -> None:
        if self.ready and not self.buffer:
            numbers = self.room.known.get(data)
            if numbers is not None:
                self.room.count(self, numbers)
                return
        self.buffer += data
        if not self.ready:
            self._join()
        if self.ready and self.buffer:
            self._read()

    def connection_lost(self, error: Exception | None) -> None:
        self.room.lost_viewer(self)

    def _join(self) -> None:
        """Take the answer to the handshake, then that to the first frame."""
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1"):
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.room.problems[head[:60].decode(errors="replace")] += 1
                self.close()
                return
            self.buffer = rest
            if self.room.task.first:
                self.send(self.room.task.first)
        if self.room.joins(self):
            self.ready = True
            self.room.welcome(self)

    def _read(self) -> None:
        """Take whole frames out of what came; remember the chunk if it was messages and nothing else."""
        chunk, numbers, only_messages = self.buffer, [], True
        while (frame := next_frame(self.buffer)) is not None:
            kind, payload, self.buffer = frame
            found = [(int(n), int(t)) for n, t in MESSAGE.findall(payload)]
            numbers += found
            only_messages = only_messages and bool(found)
            if kind == PING:
                self.send(payload, PONG)
            elif kind == CLOSE:
                self.close()
            elif kind == TEXT and payload == b"2" and self.room.task.speech == "socket.io":
                self.send("3")
        if not self.buffer and only_messages and len(chunk) < 1 << 16:
            self.room.remember(chunk, numbers)
        if numbers:
            self.room.count(self, numbers)

    def send(self, text: str | bytes, kind: int = TEXT) -> None:
        payload = text.encode() if isinstance(text, str) else text
        size = len(payload)
        head = bytes((kind, 0x80 | size)) if size < 126 else struct.pack("!BBH", kind, 0x80 | 126, size)
        if self.transport:
            self.transport.write(head + MASK + payload)

    def close(self) -> None:
        if self.transport:
            self.transport.abort()


def next_frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Return an unmasked frame's first byte, its payload and what follows; None until it is whole."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size == 126 and len(data) >= 4:
        size, start = struct.unpack_from("!H", data, 2)[0], 4
    elif size == 127 and len(data) >= 10:
        size, start = struct.unpack_from("!Q", data, 2)[0], 10
    elif size >= 126:
        return None
    if len(data) < start + size:
        return None
    return data[0], data[start : start + size], data[start + size :]


class Room:
    """All viewers of this process, and what they saw together."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.cookies = Path(task.cookies).read_text().split("\n") if task.cookies else []
        self.viewers: list[Viewer] = []
        self.known: dict[bytes, list[tuple[int, int]]] = {}
        self.problems: Counter[str] = Counter()
        self.join_times: list[int] = []
        self.latencies: Counter[int] = Counter()
        self.delivered = self.frames = self.doubled = self.failed = self.closed = self.skipped = 0
        self.sent = 0
        self.is_over = False
        self._gate = asyncio.Semaphore(task.at_once)

    def handshake(self, number: int) -> bytes:
        host = f"127.0.0.1:{self.port_of(number)}"
        cookie = f"Cookie: {self.cookies[number]}\r\n" if self.cookies else ""
        return (
            f"GET {self.task.path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\n{cookie}\r\n"
        ).encode()

    def port_of(self, number: int) -> int:
        return self.task.ports[number % len(self.task.ports)]

    def joins(self, viewer: Viewer) -> bool:
        """Whether what came so far is the whole answer; takes it out of the viewer's buffer."""
        if self.task.speech == "socket.io":  # its own handshake: 0{…}, we say 40, it says 40{…}
            while (frame := next_frame(viewer.buffer)) is not None:
                _, payload, viewer.buffer = frame
                if payload.startswith(b"0"):
                    viewer.send("40")
                elif payload.startswith(b"40"):
                    return True
            return False
        if not self.task.first:
            return True
        frame = next_frame(viewer.buffer)
        if frame is None:
            return False
        kind, payload, viewer.buffer = frame
        if kind == CLOSE:
            self.problems[f"closed {struct.unpack('!H', payload[:2])[0]}"] += 1
            viewer.close()
            return False
        return True

    def welcome(self, viewer: Viewer) -> None:
        self.join_times.append(time.monotonic_ns() - viewer.began)
        self._gate.release()

    def lost_viewer(self, viewer: Viewer) -> None:
        if self.is_over:
            return
        if viewer.ready:
            self.closed += 1
        else:
            self.failed += 1
            self._gate.release()

    def remember(self, chunk: bytes, numbers: list[tuple[int, int]]) -> None:
        if len(self.known) > 2000:
            self.known.clear()
        self.known[chunk] = numbers

    def count(self, viewer: Viewer, numbers: list[tuple[int, int]]) -> None:
        now = time.monotonic_ns()
        first, last = numbers[0][0], numbers[-1][0]
        if first != viewer.next:
            if first < viewer.next:
                self.doubled += 1
                return
            self.skipped += first - viewer.next
        viewer.next = last + 1
        self.delivered += len(numbers)
        self.frames += 1
        latencies = self.latencies
        for _, sent in numbers:
            latencies[(now - sent) // BIN_NS] += 1

    async def fill(self) -> float:
        """Let everybody in; return the seconds it took."""
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        for number in range(self.task.viewers):
            await self._gate.acquire()
            address = (f"127.0.{1 + number // VIEWERS_PER_ADDRESS}.1", 0) if self.task.spread else None
            viewer = Viewer(self, number)
            self.viewers.append(viewer)
            task = asyncio.create_task(self._connect(loop, viewer, address))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        deadline = began + HANDSHAKE_SECONDS
        while len(self.join_times) + self.failed < self.task.viewers and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    async def _connect(
        self, loop: asyncio.AbstractEventLoop, viewer: Viewer, address: tuple[str, int] | None
    ) -> None:
        try:
            await loop.create_connection(
                lambda: viewer, "127.0.0.1", self.port_of(viewer.number), local_addr=address
            )
        except OSError as error:
            self.problems[str(error)] += 1
            self.failed += 1
            self._gate.release()

    async def talk(self) -> None:
        """Have `rate` messages a second sent for `seconds`, then wait until all have arrived."""
        speaker = Speaker(self)
        began = time.monotonic()
        while (passed := time.monotonic() - began) < self.task.seconds:
            while self.sent < passed * self.task.rate:
                speaker.say(self.sent)
                self.sent += 1
            await asyncio.sleep(min(0.002, 0.25 / self.task.rate))

    async def drain(self) -> None:
        expected = self.sent * len(self.join_times)
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.delivered < expected and time.monotonic() < deadline:
            await asyncio.sleep(0.02)


class Speaker:
    """Sends messages as the program at the other end takes them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._redis = redis.Redis.from_url(room.task.redis) if room.task.redis else None

    def say(self, number: int) -> None:
        content = f'"n":{number},"t":{time.monotonic_ns()},"text":"{FILLER}","author":{{"name":"보는사람"}}'
        if self._redis:  # as the site's own processes publish after a commit
            self._redis.publish(self._room.task.channel, f'{{"type":"chat.message",{content}}}')
        elif self._room.task.speech == "socket.io":
            self._room.viewers[0].send(f'42["chat",{{{content}}}]')
        else:
            self._room.viewers[0].send(f"{{{content}}}")


def percentile(bins: Counter[int], percent: float) -> float:
    """Milliseconds below which so many per cent of what was counted lie."""
    wanted, seen = bins.total() * percent / 100, 0
    for number in sorted(bins):
        seen += bins[number]
        if seen >= wanted:
            return (number + 1) * BIN_NS / 1e6
    return 0.0


async def run(task: Task) -> Outcome:
    room = Room(task)
    empty = usage_of(task.pids)
    joined_in = await room.fill()
    await asyncio.sleep(1)
    full = usage_of(task.pids)
    waking = asyncio.create_task(stay_awake()) if task.awake else None
    before, own, began = full.cpu_seconds, own_cpu(), time.monotonic()
    if task.rate:
        await room.talk()
    seconds = time.monotonic() - began
    busy = (own_cpu() - own) / seconds
    await room.drain()
    if waking:
        waking.cancel()
    cpu = usage_of(task.pids).cpu_seconds - before
    room.is_over = True
    times = sorted(room.join_times) or [0]
    joined = len(room.join_times)
    return Outcome(
        joined=joined,
        failed=task.viewers - joined,
        joined_in=joined_in,
        join_p99=times[int(len(times) * 0.99)] / 1e6,
        kb_per_viewer=(full.rss_mib - empty.rss_mib) * 1024 / max(1, joined),
        sent=room.sent,
        delivered=room.delivered,
        lost=room.sent * joined - room.delivered,
        doubled=room.doubled,
        frames=room.frames,
        seconds=seconds,
        server_cpu=cpu,
        client_busy=busy,
        p50=percentile(room.latencies, 50),
        p99=percentile(room.latencies, 99),
        worst=(max(room.latencies, default=0) + 1) * BIN_NS / 1e6,
        closed=room.closed,
        problems=list(told(room.problems)),
    )


async def stay_awake() -> None:
    while True:
        await asyncio.sleep(0)


def usage_of(pids: Sequence[int]) -> Usage:
    """Of these processes together."""
    each = [process_usage(pid) for pid in pids]
    return Usage(sum(one.cpu_seconds for one in each), sum(one.rss_mib for one in each))


def own_cpu() -> float:
    """Processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def told(problems: Counter[str]) -> Iterator[str]:
    for problem, count in problems.most_common(5):
        yield f"{count} × {problem}"


def main(argument: str) -> None:
    fields: dict[str, Any] = json.loads(argument)
    print(json.dumps(asdict(uvloop.run(run(Task(**fields))))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
