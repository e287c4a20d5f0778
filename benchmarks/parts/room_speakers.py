"""A process of members who talk, and of guests who read: what is acknowledged, how soon, and who gets it.

    python -m benchmarks.parts.room_speakers '{"port": 8000, …}'   # the fields of `Task`; answers a line of JSON

Everybody in a room gets everything that is said in it, the members too. Theirs is read over, but for the answers to
what they said; the readers look at every number.
"""

import asyncio
import gc
import json
import struct
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import uvloop

from benchmarks.parts.room_viewers import (
    BIN_NS,
    CLOSE,
    MASK,
    PING,
    PONG,
    TEXT,
    own_cpu,
    percentile,
    told,
    usage_of,
)

SYNC = b'{"type":"sync","after":null}'
SMALL = 2000
"""Bytes of payload: the answer to one message is below, the room's news while many talk above."""

JOIN_SECONDS = 60
DRAIN_SECONDS = 20
AT_ONCE = 128
ANSWERS_EVERY, NAMES_EVERY = 10, 20
"""One in so many messages answers another one, and one in so many speaks to somebody by name."""

WORDS = [
    line.split()
    for line in (
        "저는 우리는 언니가 엄마도 친구는 동생이 남편도 오빠는"
        " 이모가 회사는 아이도 옆집은 할머니 막내가 선배는 후배도",
        "가방을 신발을 모자를 화장품 이불을 그릇을 냄비를 커피를"
        " 양말을 우산을 조명을 의자를 책상을 수건을 베개를 시계를",
        "오늘 내일 벌써 다시 천천히 같이 먼저 나중에 많이 조금 살짝 진짜 당장 가끔 매일 미리",
        "샀어요 봤어요 골랐어요 좋아해요 기다려요 받았어요 써봤어요 찾아요"
        " 담았어요 원해요 궁금해요 추천해요 바꿨어요 모아요 자랑해요 아껴요",
    )
]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What to do: `members` of the file of cookies, from the line `first` on, say `rate` messages a second together.

    `number` is that of the first message: no text comes twice. The keys of what was acknowledged go to the file `kept`.
    """

    port: int
    pids: Sequence[int]
    path: str
    cookies: str
    first: int
    members: int
    readers: int
    rate: float
    seconds: float
    number: int
    kept: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was seen. Times are milliseconds, but for `joined_in`, `seconds` and `answered_in`."""

    joined: int
    joined_in: float
    seconds: float
    answered_in: float
    """Seconds from the first message to when all was answered and read."""
    said: int
    acknowledged: int
    in_time: int
    """Acknowledged before the last message was said."""
    refused: dict[str, int]
    unanswered: int
    ack_p50: float
    ack_p99: float
    ack_worst: float
    read_p50: float
    read_p99: float
    not_read: int
    """Acknowledged, and did not reach a reader; of all readers together. So are the next two."""
    doubled: int
    out_of_order: int
    late: float
    """The most by which a message was said after its time: above some 50 this process is what was measured."""
    client_busy: float
    server_cpu: float
    """Seconds of the server's processes from the first message to the last answer."""
    closed: int
    problems: list[str]


class Socket(asyncio.Protocol):
    """Takes the stream of frames apart; what it need not look at it does not copy."""

    def __init__(self, room: "Room", cookie: str = "") -> None:
        self.room, self.cookie = room, cookie
        self.ready = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self._rest = b""
        self._skip = 0
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        host = f"127.0.0.1:{self.room.task.port}"
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        head = (
            f"GET {self.room.task.path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\n{cookie}\r\n"
        )
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        at, self._skip = self._skip, 0
        if self._rest:
            data, at, self._rest = self._rest + data[at:], 0, b""
        if not self._is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.room.problems[head[:60].decode(errors="replace")] += 1
                self.abort()
                return
            self._is_open, at = True, 0
            self.send(SYNC)
        self._read_frames(data, at)

    def _read_frames(self, data: bytes, at: int) -> None:
        end = len(data)
        while at < end:
            start = at + 2
            size = data[at + 1] if start <= end else 127
            if size >= 126:
                start += 2 if size == 126 else 8
                if start > end:
                    break
                size = int.from_bytes(data[at + 2 : start])
            if start + size > end and not self.skips(size):
                break
            if not self.skips(size):
                self.take(data[at], data[start : start + size])
            at = start + size
        if at > end:
            self._skip = at - end
        elif at < end:
            self._rest = data[at:]

    def skips(self, size: int) -> bool:
        """Whether a frame with so many bytes of payload is nothing to look at."""
        return False

    def take(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            self.send(payload, PONG)
        elif kind == CLOSE:
            self.room.problems[f"closed {int.from_bytes(payload[:2])}"] += 1
            self.abort()
        elif kind == TEXT and not self.ready.done():
            self.ready.set_result(payload)
        elif kind == TEXT:
            self.hear(payload)

    def hear(self, payload: bytes) -> None:
        raise NotImplementedError

    def send(self, payload: bytes, kind: int = TEXT) -> None:
        size = len(payload)
        head = bytes((kind, 0x80 | size)) if size < 126 else struct.pack("!BBH", kind, 0x80 | 126, size)
        if self.transport:
            self.transport.write(head + MASK + payload)

    def abort(self) -> None:
        if self.transport:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.room.closed += not self.room.is_over
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("closed while joining"))


class Member(Socket):
    """Says things; only small frames can be answers."""

    def skips(self, size: int) -> bool:
        return size > SMALL and self.ready.done()

    def say(self, number: int, reply_to: int) -> None:
        key = str(uuid.UUID(int=number + 1, version=4))
        said: dict[str, object] = {"type": "say", "key": key, "text": text_of(number)}
        if number % ANSWERS_EVERY == 0:
            said["reply_to"] = reply_to
        self.room.waiting[key] = self, time.monotonic_ns()
        self.send(json.dumps(said, ensure_ascii=False).encode())

    def hear(self, payload: bytes) -> None:
        if b'"chat.message"' in payload or b'"chat.refused"' in payload:
            for event in json.loads(payload):
                self.room.answer(self, event)


class Reader(Socket):
    """Looks at the number of every message."""

    def __init__(self, room: "Room") -> None:
        super().__init__(room)
        self.last = 0
        self.missing: set[int] = set()

    def hear(self, payload: bytes) -> None:
        seqs, times = self.room.messages_in(payload)
        if not seqs:
            return
        now, latencies = time.monotonic_ns(), self.room.read_times
        for said in times:
            latencies[(now - said) // BIN_NS] += 1
        if seqs[0] == self.last + 1 and seqs[-1] - seqs[0] + 1 == len(seqs) and seqs == sorted(seqs):
            self.last = seqs[-1]
            return
        for seq in seqs:
            if seq > self.last:
                self.missing |= set(range(self.last + 1, seq))
                self.last = seq
            elif seq in self.missing:
                self.missing.discard(seq)
                self.room.out_of_order += 1
            else:
                self.room.doubled += 1


class Room:
    """Everybody in this process, and what they saw together."""

    def __init__(self, task: Task) -> None:
        self.task = task
        cookies = Path(task.cookies).read_text().split("\n")[task.first :][: task.members]
        self.members = [Member(self, cookie) for cookie in cookies]
        self.readers = [Reader(self) for _ in range(task.readers)]
        self.problems: Counter[str] = Counter()
        self.waiting: dict[str, tuple[Member, int]] = {}
        """Who said what is not answered yet, and when, by its key."""
        self.said_at: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}
        """The number of each message that is kept, by its key."""
        self.refused: Counter[str] = Counter()
        self.ack_times: Counter[int] = Counter()
        self.read_times: Counter[int] = Counter()
        self.said = self.doubled = self.out_of_order = self.closed = 0
        self.late = 0.0
        self.is_over = False
        self._known: dict[bytes, tuple[list[int], list[int]]] = {}

    async def join(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def connect(socket: Socket) -> bytes:
            async with gate:
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: socket, "127.0.0.1", self.task.port)
                return cast(bytes, await socket.ready)

        async with asyncio.timeout(JOIN_SECONDS):
            await asyncio.gather(*(connect(member) for member in self.members))
            states = await asyncio.gather(*(connect(reader) for reader in self.readers))
        for reader, state in zip(self.readers, states, strict=True):
            reader.last = json.loads(state)[0]["last_seq"]

    async def talk(self) -> None:
        """Say `rate` messages a second, each member in turn."""
        reply_to = self.readers[0].last
        began = time.monotonic()
        while (passed := time.monotonic() - began) < self.task.seconds:
            while self.said < passed * self.task.rate:
                self.late = max(self.late, passed - self.said / self.task.rate)
                self.members[self.said % len(self.members)].say(self.task.number + self.said, reply_to)
                self.said += 1
                passed = time.monotonic() - began
            await asyncio.sleep(0.002)

    async def drain(self) -> None:
        """Wait until all is answered and every reader has it."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and (self.waiting or self.not_read()):
            await asyncio.sleep(0.02)

    def not_read(self) -> int:
        """How many acknowledged messages have not reached a reader."""
        last = max(self.acknowledged.values(), default=0)
        return sum(len(reader.missing) + max(0, last - reader.last) for reader in self.readers)

    def answer(self, member: Member, event: dict[str, Any]) -> None:
        """Take an event that may be the answer to what this member said."""
        asked, said = self.waiting.get(event.get("key", ""), (None, 0))
        if asked is not member:
            return
        del self.waiting[event["key"]]
        self.said_at[event["key"]] = said
        if event["type"] == "chat.refused":
            self.refused[event["code"]] += 1
            return
        self.ack_times[(time.monotonic_ns() - said) // BIN_NS] += 1
        self.acknowledged[event["key"]] = event["seq"]

    def messages_in(self, payload: bytes) -> tuple[list[int], list[int]]:
        """Return the numbers of the messages in a frame, and when they were said. All readers get the same frames."""
        known = self._known.get(payload)
        if known is None:
            messages = [event for event in json.loads(payload) if event["type"] == "chat.message"]
            known = [each["seq"] for each in messages], [self._said(each["key"]) for each in messages]
            if len(self._known) > 20:
                del self._known[next(iter(self._known))]
            self._known[payload] = known
        return known

    def _said(self, key: str) -> int:
        return self.waiting[key][1] if key in self.waiting else self.said_at[key]


def text_of(number: int) -> str:
    """Return a sentence, of 65,536 that differ in words: numbers and blanks make no difference to the chat's limits."""
    words = (line[number // 16**place % 16] for place, line in enumerate(WORDS))
    named = f"@viewer{number % 500} " if number % NAMES_EVERY == 0 else ""
    return named + " ".join(words)


async def run(task: Task) -> Outcome:
    room = Room(task)
    began = time.monotonic()
    await room.join()
    joined_in = time.monotonic() - began
    await asyncio.sleep(1)
    gc.freeze()
    before, own, began = usage_of(task.pids).cpu_seconds, own_cpu(), time.monotonic()
    await room.talk()
    seconds, in_time = time.monotonic() - began, len(room.acknowledged)
    busy = (own_cpu() - own) / seconds
    await room.drain()
    answered_in = time.monotonic() - began
    cpu = usage_of(task.pids).cpu_seconds - before
    room.is_over = True
    Path(task.kept).write_text("\n".join(room.acknowledged))
    return Outcome(
        joined=len(room.members) + len(room.readers),
        joined_in=joined_in,
        seconds=seconds,
        answered_in=answered_in,
        said=room.said,
        acknowledged=len(room.acknowledged),
        in_time=in_time,
        refused=dict(room.refused),
        unanswered=len(room.waiting),
        ack_p50=percentile(room.ack_times, 50),
        ack_p99=percentile(room.ack_times, 99),
        ack_worst=(max(room.ack_times, default=0) + 1) * BIN_NS / 1e6,
        read_p50=percentile(room.read_times, 50),
        read_p99=percentile(room.read_times, 99),
        not_read=room.not_read(),
        doubled=room.doubled,
        out_of_order=room.out_of_order,
        late=room.late * 1000,
        client_busy=busy,
        server_cpu=cpu,
        closed=room.closed,
        problems=list(told(room.problems)),
    )


def main(argument: str) -> None:
    fields: dict[str, Any] = json.loads(argument)
    print(json.dumps(asdict(uvloop.run(run(Task(**fields))))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
