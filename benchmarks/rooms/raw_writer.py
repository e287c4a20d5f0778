"""The limit: a server that knows nothing, writes the same bytes to every socket with uvloop, and stops there.

python -m benchmarks.rooms.raw_writer PORT
"""

import asyncio
import base64
import hashlib
import struct
import sys
from typing import cast

import uvloop

KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
viewers: set[asyncio.Transport] = set()


class Viewer(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.buffer = b""
        self.is_open = False

    def connection_lost(self, error: Exception | None) -> None:
        viewers.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open:
            if b"\r\n\r\n" not in self.buffer:
                return
            self._open()
        while (text := self._next_text()) is not None:
            wire = bytes((0x81, 126)) + struct.pack("!H", len(text)) + text
            for transport in viewers:
                transport.write(wire)

    def _open(self) -> None:
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + KEY).digest())  # noqa: S324 the protocol's own
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.is_open = True
        viewers.add(self.transport)

    def _next_text(self) -> bytes | None:
        """A masked text frame's payload; the load's mask is zeros."""
        if len(self.buffer) < 8:
            return None
        size, start = self.buffer[1] & 127, 6
        if size == 126:
            size, start = struct.unpack_from("!H", self.buffer, 2)[0], 8
        if len(self.buffer) < start + size:
            return None
        payload, self.buffer = self.buffer[start : start + size], self.buffer[start + size :]
        return payload


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Viewer, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
