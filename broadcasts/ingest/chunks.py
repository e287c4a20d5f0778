"""RTMP's chunk stream: messages cut into chunks that are interleaved on one connection."""

import struct
from dataclasses import dataclass

DEFAULT_CHUNK_SIZE = 128
MAX_CHUNK_SIZE = 1 << 24
EXTENDED = 0xFFFFFF

_HEADER_LENGTHS = (11, 7, 3, 0)
_U32 = struct.Struct(">I")
_U32_LITTLE = struct.Struct("<I")
_NOTHING = bytearray()
"""Marks a chunk stream that is between two messages; never written to."""

_HEADER = struct.Struct(">BHBHBB")


class BadChunk(ValueError):
    """The peer breaks the chunk format or one of our limits."""


@dataclass(slots=True)
class Message:
    """`timestamp` is the sender's 32-bit millisecond clock."""

    type: int
    timestamp: int
    stream_id: int
    payload: bytearray


class _ChunkStream:
    __slots__ = ("delta", "extended", "length", "payload", "stream_id", "timestamp", "type")

    def __init__(self) -> None:
        self.timestamp = self.delta = self.length = self.type = self.stream_id = 0
        self.extended = False
        self.payload = _NOTHING


class ChunkReader:
    """Turns received bytes into messages.

    What one peer can make us hold is bounded: `max_streams` chunk streams, `max_message` bytes per message and
    `max_partial` bytes of unfinished messages over all of them. Only bytes really received are stored.
    """

    def __init__(
        self, *, max_message: int = 4 << 20, max_partial: int = 6 << 20, max_streams: int = 16
    ) -> None:
        self.chunk_size = DEFAULT_CHUNK_SIZE
        self.partial_bytes = 0
        self._max_message = max_message
        self._max_partial = max_partial
        self._max_streams = max_streams
        self._streams: dict[int, _ChunkStream] = {}
        self._current: _ChunkStream | None = None
        self._current_id = 0
        self._chunk_left = 0
        self._data = b""
        self._position = 0

    def feed(self, data: bytes) -> None:
        """Add received bytes; then call `next_message` until it returns None."""
        rest = self._data[self._position :]
        self._data = rest + data if rest else data
        self._position = 0

    def next_message(self) -> Message | None:
        """The next complete message. `chunk_size` may be set between two calls. Raises BadChunk."""
        while True:
            stream = self._current or self._read_header()
            if stream is None:
                return None
            message = self._read_payload(stream)
            if message is not None:
                return message
            if self._current is not None:
                return None

    def abort(self, stream_id: int) -> None:
        """The peer gives up the unfinished message of a chunk stream."""
        stream = self._streams.get(stream_id)
        if stream is not None:
            self.partial_bytes -= len(stream.payload)
            stream.payload = _NOTHING

    def _read_header(self) -> _ChunkStream | None:
        data, position = self._data, self._position
        available = len(data) - position
        if available < 1:
            return None
        kind, stream_id = data[position] >> 6, data[position] & 63
        position += 1
        if stream_id < 2:
            if available < 2 + stream_id:
                return None
            extra = data[position] if stream_id == 0 else data[position] | data[position + 1] << 8
            position += 1 + stream_id
            stream_id = 64 + extra
        header_length = _HEADER_LENGTHS[kind]
        if len(data) - position < header_length:
            return None
        stream = self._streams.get(stream_id)
        if stream is None:
            if kind == 3:
                raise BadChunk("chunk continues a stream that never began")
            if len(self._streams) >= self._max_streams:
                raise BadChunk("too many chunk streams")
            stream = _ChunkStream()
        begins = stream.payload is _NOTHING
        time = 0
        extended = stream.extended
        if kind < 3:
            if not begins:
                raise BadChunk("new header inside a message")
            time = int.from_bytes(data[position : position + 3])
            extended = time == EXTENDED
        after = position + header_length
        if extended:
            if len(data) - after < 4:
                return None
            value = _U32.unpack_from(data, after)[0]
            # Some encoders do not repeat the extended field in follow-up chunks: then these bytes are payload.
            if kind < 3 or value == stream.delta:
                after += 4
            time = value
        if kind < 2:
            length = int.from_bytes(data[position + 3 : position + 6])
            if length > self._max_message:
                raise BadChunk(f"message of {length} bytes")
            stream.length = length
            stream.type = data[position + 6]
            if kind == 0:
                stream.stream_id = _U32_LITTLE.unpack_from(data, position + 7)[0]
        if kind < 3:
            stream.extended = extended
            stream.delta = time
            stream.timestamp = time if kind == 0 else stream.timestamp + time & 0xFFFFFFFF
            self._streams[stream_id] = stream
        elif begins:
            stream.timestamp = stream.timestamp + stream.delta & 0xFFFFFFFF
        if begins:
            stream.payload = bytearray()
        self._chunk_left = min(self.chunk_size, stream.length - len(stream.payload))
        self._current, self._current_id = stream, stream_id
        self._position = after
        return stream

    def _read_payload(self, stream: _ChunkStream) -> Message | None:
        payload = stream.payload
        take = min(self._chunk_left, len(self._data) - self._position)
        payload += self._data[self._position : self._position + take]
        self._position += take
        self._chunk_left -= take
        self.partial_bytes += take
        if self._chunk_left:
            self._check_partial()
            return None
        if len(payload) < stream.length and not stream.extended and self._current_id < 64:
            self._read_continuations(stream, payload)
        self._current = None
        if len(payload) < stream.length:
            self._check_partial()
            return None
        stream.payload = _NOTHING
        self.partial_bytes -= len(payload)
        return Message(stream.type, stream.timestamp, stream.stream_id, payload)

    def _read_continuations(self, stream: _ChunkStream, payload: bytearray) -> None:
        """Take a run of full follow-up chunks at once: at 128-byte chunks this is most of the work."""
        stride = self.chunk_size + 1
        count = min(
            (stream.length - len(payload)) // self.chunk_size, (len(self._data) - self._position) // stride
        )
        if count < 2:
            return
        end = self._position + count * stride
        if self._data[self._position : end : stride] != bytes((0xC0 | self._current_id,)) * count:
            return
        run = bytearray(self._data[self._position : end])
        del run[::stride]
        payload += run
        self.partial_bytes += len(run)
        self._position = end

    def _check_partial(self) -> None:
        if self.partial_bytes > self._max_partial:
            raise BadChunk("too many unfinished messages")


def encode_message(
    chunk_stream: int, kind: int, stream_id: int, payload: bytes, *, chunk_size: int, timestamp: int = 0
) -> bytes:
    """One message as chunks: a full header, then continuations. `chunk_stream` is 2 to 63."""
    extended = _U32.pack(timestamp) if timestamp >= EXTENDED else b""
    time, length = min(timestamp, EXTENDED), len(payload)
    header = _HEADER.pack(
        chunk_stream, time >> 8, time & 255, length >> 8, length & 255, kind
    ) + _U32_LITTLE.pack(stream_id)
    chunks = [header, extended, payload[:chunk_size]]
    for start in range(chunk_size, length, chunk_size):
        chunks += (bytes((0xC0 | chunk_stream,)), extended, payload[start : start + chunk_size])
    return b"".join(chunks)
