"""One encoder's RTMP connection. Publish only: whoever asks to play is turned away."""

import asyncio
import hashlib
import logging
import os
import struct
from collections.abc import Callable
from typing import Any, Protocol, cast

from . import amf, refusals
from .chunks import DEFAULT_CHUNK_SIZE, MAX_CHUNK_SIZE, BadChunk, ChunkReader, Message, encode_message
from .config import Config
from .refusals import Refused

logger = logging.getLogger(__name__)

SET_CHUNK_SIZE, ABORT, ACKNOWLEDGEMENT, USER_CONTROL, WINDOW_SIZE, PEER_BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO, DATA_AMF3, COMMAND_AMF3, DATA, COMMAND, AGGREGATE = 8, 9, 15, 17, 18, 20, 22

HANDSHAKE_SIZE = 1536
WINDOW = 2_500_000
OUR_CHUNK_SIZE = 65_536
"""Announced to the encoder; many (ffmpeg among them) then use it for what they send: less work here."""

MAX_UNREAD = 256 << 10
"""Bytes we are willing to hold for a peer that does not read our answers."""


CANNOT_CHECK = "The server cannot check the stream key now. Please try again."


class Sink(Protocol):
    """Where a publisher's media goes. Each method may raise Refused."""

    def audio(self, timestamp: int, payload: bytearray) -> None: ...
    def video(self, timestamp: int, payload: bytearray) -> None: ...
    def metadata(self, values: dict[str, Any]) -> None: ...
    def close(self) -> None: ...


class Ingest(Protocol):
    """What a connection needs from the server."""

    config: Config

    def admit(self, publisher: "Publisher") -> bool:
        """Count the connection; False when there are too many."""

    def forget(self, publisher: "Publisher") -> None:
        """The connection is gone."""

    async def open_stream(self, key: str, publisher: "Publisher") -> Sink:
        """Check the key and take the channel. Raises Refused."""


class Violation(Exception):
    """The peer does not speak RTMP as we do; the connection is closed without an answer."""


class Publisher(asyncio.Protocol):
    """Handshake → connect → publish → media, then the end. Every state has a deadline, see `check_deadlines`."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._config = ingest.config
        self._loop = asyncio.get_running_loop()
        self._parse: Callable[[bytes], None] = self._read_hello
        self._handshake = bytearray()
        self._reader = ChunkReader()
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._application: str | None = None
        self._opening: asyncio.Task[None] | None = None
        self._sink: Sink | None = None
        self._stream_id = 1
        self._received = self._acknowledged = 0
        self._ack_window = WINDOW
        self._deadline = self._loop.time() + self._config.publish_deadline
        self._waiting_for = "publish"
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.peer = "?"

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peername = transport.get_extra_info("peername")
        self.peer = peername[0] if peername else "?"
        if not self._ingest.admit(self):
            logger.warning("RTMP connection from %s refused: too many connections", self.peer)
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self._end_stream()
        self._ingest.forget(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._received += len(data)
            self._parse(data)
            self._acknowledge()
        except Refused as refused:
            self.refuse(refused)
        except (Violation, BadChunk, amf.BadAmf, struct.error, IndexError) as error:
            logger.info("RTMP connection from %s dropped: %s", self.peer, error)
            self.abort()
        except Exception:
            logger.exception("RTMP connection from %s dropped by an unexpected error", self.peer)
            self.abort()

    def eof_received(self) -> None:
        return None

    def check_deadlines(self, now: float) -> None:
        """Called about once a second; drops a peer that is silent or does not read."""
        if now > self._deadline:
            logger.info("RTMP connection from %s dropped: no %s in time", self.peer, self._waiting_for)
            self.abort()
        elif self.transport.get_write_buffer_size() > MAX_UNREAD:
            logger.info("RTMP connection from %s dropped: it does not read", self.peer)
            self.abort()

    def abort(self) -> None:
        """Close at once. The channel is free when this returns."""
        self._end_stream()
        self._parse = self._ignore
        self.transport.abort()

    def refuse(self, refused: Refused) -> None:
        """Tell the encoder why, then close once it has had time to read that.

        Closing with unread bytes of the encoder in the socket would reset the connection and lose the answer, so
        what still comes is read and thrown away until the encoder hangs up.
        """
        self._end_stream()
        self._parse = self._ignore
        if self.transport.is_closing():
            return
        self._send_status("error", refused.status, refused.reason)
        self._expect("goodbye", self._config.refusal_linger)
        self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _end_stream(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.close()

    def _expect(self, what: str, seconds: float) -> None:
        self._waiting_for = what
        self._deadline = self._loop.time() + seconds

    # Bytes

    def _ignore(self, data: bytes) -> None:
        return None

    def _read_hello(self, data: bytes) -> None:
        self._handshake += data
        if self._handshake[0] != 3:
            raise Violation(f"not RTMP (version {self._handshake[0]})")
        if len(self._handshake) < 1 + HANDSHAKE_SIZE:
            return
        hello = bytes(self._handshake[1 : 1 + HANDSHAKE_SIZE])
        rest = bytes(self._handshake[1 + HANDSHAKE_SIZE :])
        self._handshake.clear()
        self.transport.write(b"\x03" + bytes(8) + os.urandom(HANDSHAKE_SIZE - 8) + hello)
        self._parse = self._read_echo
        if rest:
            self._read_echo(rest)

    def _read_echo(self, data: bytes) -> None:
        self._handshake += data
        if len(self._handshake) < HANDSHAKE_SIZE:
            return
        rest = bytes(self._handshake[HANDSHAKE_SIZE:])
        self._handshake.clear()
        self._parse = self._read_chunks
        if rest:
            self._read_chunks(rest)

    def _read_chunks(self, data: bytes) -> None:
        self._reader.feed(data)
        self._handle_messages()

    def _handle_messages(self) -> None:
        while self._opening is None and self._parse == self._read_chunks:
            message = self._reader.next_message()
            if message is None:
                return
            self._handle(message)

    def _acknowledge(self) -> None:
        if self._received - self._acknowledged >= self._ack_window and not self.transport.is_closing():
            self._acknowledged = self._received
            self._send(ACKNOWLEDGEMENT, struct.pack(">I", self._received & 0xFFFFFFFF))

    # Messages

    def _handle(self, message: Message) -> None:
        kind = message.type
        if kind in (AUDIO, VIDEO):
            self._media(kind, message.timestamp, message.payload)
        elif kind == COMMAND:
            self._command(message.stream_id, amf.decode_all(message.payload))
        elif kind == COMMAND_AMF3:
            # The wrapper says "AMF3", but a leading 0 means that AMF0 follows, which is what encoders send.
            self._command(message.stream_id, amf.decode_all(message.payload[1:]))
        elif kind == DATA:
            self._data(amf.decode_all(message.payload))
        elif kind == DATA_AMF3:
            self._data(amf.decode_all(message.payload[1:]))
        elif kind == AGGREGATE:
            self._aggregate(message)
        elif kind == SET_CHUNK_SIZE:
            self._reader.chunk_size = min(max(1, _u32(message.payload) & 0x7FFFFFFF), MAX_CHUNK_SIZE)
        elif kind == ABORT:
            self._reader.abort(_u32(message.payload))
        elif kind == WINDOW_SIZE:
            self._ack_window = max(WINDOW // 10, _u32(message.payload) // 2)
        elif kind == USER_CONTROL and message.payload[:2] == b"\x00\x06":
            self._send(USER_CONTROL, b"\x00\x07" + bytes(message.payload[2:6]))

    def _media(self, kind: int, timestamp: int, payload: bytearray) -> None:
        if self._sink is None:
            if self._application is None:
                raise Violation("media before publish")
            return
        if not payload:
            return
        self._deadline = self._loop.time() + self._config.silence_deadline
        if kind == VIDEO:
            self._sink.video(timestamp, payload)
        else:
            self._sink.audio(timestamp, payload)

    def _aggregate(self, message: Message) -> None:
        """Several media tags in one message; their clock is relative to the first."""
        payload, position, first = message.payload, 0, None
        while position + 11 <= len(payload) and self._sink is not None:
            kind = payload[position]
            length = int.from_bytes(payload[position + 1 : position + 4])
            time = int.from_bytes(payload[position + 4 : position + 7]) | payload[position + 7] << 24
            first = time if first is None else first
            body = payload[position + 11 : position + 11 + length]
            if len(body) < length:
                raise Violation("aggregate message cut short")
            if kind in (AUDIO, VIDEO):
                self._media(kind, message.timestamp + time - first & 0xFFFFFFFF, body)
            position += 11 + length + 4

    def _data(self, values: list[amf.Value]) -> None:
        if self._sink is None:
            return
        if values and values[0] == "@setDataFrame":
            values = values[1:]
        if len(values) > 1 and values[0] == "onMetaData" and isinstance(values[1], dict):
            self._sink.metadata(values[1])

    def _command(self, stream_id: int, values: list[amf.Value]) -> None:
        name = values[0] if values else None
        transaction = values[1] if len(values) > 1 and isinstance(values[1], float) else 0
        match name:
            case "connect":
                self._connect(transaction, values)
            case "createStream":
                self._send_command("_result", transaction, None, 1)
            case "releaseStream":
                self._send_command("_result", transaction, None, None)
            case "FCPublish":
                status = {"level": "status", "code": "NetStream.Publish.Start", "description": "Ready."}
                self._send_command("onFCPublish", 0, None, status)
            case "publish":
                self._publish(stream_id, values)
            case "FCUnpublish" | "deleteStream" | "closeStream":
                if self._sink is not None:
                    self._end_stream()
                    self._expect("new publish", self._config.publish_deadline)
            case "play" | "play2":
                raise Violation("asked to play")

    def _connect(self, transaction: float, values: list[amf.Value]) -> None:
        options = values[2] if len(values) > 2 and isinstance(values[2], dict) else {}
        application = str(options.get("app", "")).split("?")[0].strip("/")
        self._send(WINDOW_SIZE, struct.pack(">I", WINDOW))
        self._send(PEER_BANDWIDTH, struct.pack(">IB", WINDOW, 2))
        self._send(SET_CHUNK_SIZE, struct.pack(">I", OUR_CHUNK_SIZE))
        self._chunk_size = OUR_CHUNK_SIZE
        if application != self._config.application:
            reason = f"There is no application of this name; use /{self._config.application}."
            info = {"level": "error", "code": "NetConnection.Connect.InvalidApp", "description": reason}
            self._send_command("_error", transaction, None, info)
            raise Refused(refusals.UNAVAILABLE, reason)
        self._application = application
        server: dict[str, object] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31}
        accepted: dict[str, object] = {
            "level": "status",
            "code": "NetConnection.Connect.Success",
            "description": "Connected.",
            "objectEncoding": 0,
        }
        self._send_command("_result", transaction, server, accepted)

    def _publish(self, stream_id: int, values: list[amf.Value]) -> None:
        if self._application is None or self._sink is not None or len(values) < 4:
            raise Violation("publish out of turn")
        self._stream_id = stream_id or 1
        key = str(values[3]).split("?")[0]
        # What the encoder sends meanwhile stays in the socket: nothing piles up here.
        self.transport.pause_reading()
        self._expect("answer about the key", 2 * self._config.publish_deadline)
        self._opening = self._loop.create_task(self._open(key))

    async def _open(self, key: str) -> None:
        sink: Sink | Refused
        try:
            async with asyncio.timeout(self._config.publish_deadline):
                sink = await self._ingest.open_stream(key, self)
        except Refused as refused:
            sink = refused
        except TimeoutError:
            sink = Refused(refusals.UNAVAILABLE, CANNOT_CHECK)
        except Exception:
            logger.exception("The stream key of %s could not be checked", self.peer)
            sink = Refused(refusals.UNAVAILABLE, CANNOT_CHECK)
        self._opening = None
        if isinstance(sink, Refused):
            digest = hashlib.sha256(key.encode()).hexdigest()[:8]
            logger.warning("Publish from %s with key digest %s refused: %s", self.peer, digest, sink.reason)
            self.refuse(sink)
            return
        if self.transport.is_closing():
            sink.close()
            return
        self._sink = sink
        self._expect("media", self._config.silence_deadline)
        self._send(USER_CONTROL, struct.pack(">HI", 0, self._stream_id))
        self._send_status("status", "NetStream.Publish.Start", "Publishing.")
        self.transport.resume_reading()
        self.data_received(b"")

    # Answers

    def _send(self, kind: int, payload: bytes) -> None:
        self._write(2, kind, 0, payload)

    def _send_command(self, *values: object) -> None:
        self._write(3, COMMAND, 0, amf.encode(*values))

    def _send_status(self, level: str, code: str, description: str) -> None:
        info = {"level": level, "code": code, "description": description}
        self._write(5, COMMAND, self._stream_id, amf.encode("onStatus", 0, None, info))

    def _write(self, chunk_stream: int, kind: int, stream_id: int, payload: bytes) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(
            encode_message(chunk_stream, kind, stream_id, payload, chunk_size=self._chunk_size)
        )


def _u32(payload: bytearray) -> int:
    return int(struct.unpack_from(">I", payload)[0])
