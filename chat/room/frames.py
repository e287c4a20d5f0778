"""Frames to browsers: every one is a JSON array of events."""

import json
from collections.abc import Iterable, Sequence

from chat.room.transmit import Frame
from common.events import RoomEvent, encode

CHAT = '{"type":"chat.'  # how `encode` begins the events that all matter


def frame(events: Iterable[str]) -> Frame:
    """Return encoded events as what ASGI sends."""
    return {"type": "websocket.send", "text": f"[{','.join(events)}]"}


def frame_of(event: RoomEvent) -> Frame:
    """Return the frame of a single event."""
    return frame([encode(event)])


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
