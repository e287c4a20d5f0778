"""Frames to browsers: every one is a JSON array of events.

A frame is made once for everybody: with it come its bytes as they travel, see `chat.room.server`.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from chat.events import RoomState, You
from chat.history import Snapshot
from chat.room.transmit import Frame
from common.events import RoomEvent, encode

FINAL_TEXT = 0x81
CHAT = '{"type":"chat.'  # how `encode` begins the events that all matter


class Prepared(str):
    """A text with `wire`, the bytes of its unmasked websocket frame (RFC 6455, 5.2)."""

    wire: bytes

    def __new__(cls, text: str) -> "Prepared":
        self = super().__new__(cls, text)
        payload = text.encode()
        size = len(payload)
        if size < 126:
            head = bytes((FINAL_TEXT, size))
        elif size < 1 << 16:
            head = struct.pack("!BBH", FINAL_TEXT, 126, size)
        else:
            head = struct.pack("!BBQ", FINAL_TEXT, 127, size)
        self.wire = head + payload
        return self


def frame(events: Iterable[str]) -> Frame:
    """Return encoded events as what ASGI sends."""
    return {"type": "websocket.send", "text": Prepared(f"[{','.join(events)}]")}


def frame_of(event: RoomEvent) -> Frame:
    """Return the frame of a single event."""
    return frame([encode(event)])


def state_frame(snapshot: Snapshot, *, you: You, viewers: int) -> Frame:
    """Return the frame of a room's state for one viewer; what all see alike is encoded once per snapshot."""
    own = json.dumps(asdict(you), ensure_ascii=False, separators=(",", ":"))
    text = f'[{{"type":"{RoomState.type}","you":{own},"viewers":{viewers},{snapshot.shared}]'
    return {"type": "websocket.send", "text": Prepared(text)}


def newest(events: Sequence[str]) -> list[str]:
    """Leave out state that a later version among the same events replaces; chat messages all stay."""
    if len(events) < 2:
        return list(events)
    kept: dict[object, tuple[int, str]] = {}
    for place, event in enumerate(events):
        if event.startswith(CHAT):
            kept[place] = (0, event)
            continue
        fields = json.loads(event)
        what, version = (fields["type"], fields.get("product")), fields.get("version", 0)
        if what not in kept or kept[what][0] <= version:
            kept[what] = (version, event)
    return [event for _, event in kept.values()]
