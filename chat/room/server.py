"""uvicorn's websocket protocol with a short way out for frames that many viewers get.

Name it in `--ws`: `uvicorn --ws chat.room.server:RoomProtocol`. Everything also runs without it (daphne, plain
uvicorn), by way of ASGI's `send`; decision 0017 has the figures.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.room.transmit import Frame


class RoomProtocol(WebSocketsSansIOProtocol):
    """Writes a prepared frame as it is: no coroutine, no encoding, no copy per viewer."""

    def write_prepared(self, frame: Frame) -> bool:
        """Write the frame now; False when it has to wait or the viewer has left, which `send` then finds out."""
        if self.close_sent or self.disconnected or self.conn.extensions or not self.writable.is_set():
            return False
        self.transport.write(frame["text"].wire)
        return True
