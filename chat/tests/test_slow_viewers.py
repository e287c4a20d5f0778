"""Viewers that stop reading must not hold up those who read."""

import socket
import time

from broadcasts.events import StockChanged
from chat.room.outbox import MOST_WAITING
from chat.tests.servers import wait_until
from common.events import encode, room_channel
from common.presence import count_viewers
from common.redis_client import redis_client

HANDSHAKE = (
    "GET /ws/rooms/{code}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def masked(text):
    """A client's text frame, masked with zeros."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode()


def open_and_never_read(server, code):
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    deaf.settimeout(10)
    deaf.sendall(HANDSHAKE.format(code=code, port=server.port).encode())
    assert deaf.recv(12) == b"HTTP/1.1 101"
    deaf.sendall(masked('{"type":"sync","after":null}'))
    return deaf


def was_cut(deaf):
    """Whether the server ended the connection: then only so much is left to read."""
    try:
        while deaf.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_those_who_do_not_read_are_dropped_and_nobody_waits(visit, broadcast, server):
    reader = visit().open(broadcast.code)
    everybody = [open_and_never_read(server, broadcast.code) for _ in range(5)]
    assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == 6)

    # Each event is a frame of its own: more bytes than buffers hold, then more frames than may wait.
    room, worst = room_channel(broadcast.room), 0.0
    for version in range(1, MOST_WAITING + 30):
        sent = time.monotonic()
        redis_client().publish(room, encode(StockChanged(version=version, product="x" * 400_000, left=1)))
        reader.next("stock.changed", version=version)
        worst = max(worst, time.monotonic() - sent)

    assert worst < 2
    assert all(was_cut(deaf) for deaf in everybody)
    reader.next("viewers.changed", count=1)
