"""News for the people in a live room, sent once the data behind it is really saved.

An event is a frozen dataclass with a class variable `type`. It carries a `version` (or, for chat, a `seq`) that
only grows, so that a browser can drop what comes late or twice. Delivery is best effort: whoever misses news gets
the whole state again on its next sync, so a Redis fault is logged and never undoes what was saved.
"""

import json
import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import redis
from django.db import transaction

from common.redis_client import room_redis

logger = logging.getLogger(__name__)


class RoomEvent(Protocol):
    """What `send_on_commit` takes: a dataclass whose `type` reads `<app>.<what happened>`."""

    type: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


# Dataclasses inside an event are met by `vars`: `asdict` would copy all of it first, at five times the price.
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=vars)


def room_channel(room: str) -> str:
    """Return the Redis channel on which a room's events travel."""
    return f"room:{room}"


def encode(event: RoomEvent) -> str:
    """Return the event as the JSON object a browser receives."""
    return _encoder.encode({"type": event.type, **vars(event)})


def send_on_commit(room: str, event: RoomEvent) -> None:
    """Tell everybody in the room after the running transaction commits (at once when there is none)."""
    send_many_on_commit(room, [event])


def send_many_on_commit(room: str, events: Sequence[RoomEvent]) -> None:
    """Tell several things in one message; `decode` takes it apart."""
    transaction.on_commit(lambda: _publish(room, events), robust=True)


def decode(message: bytes) -> list[str]:
    """Return the encoded events of a message on a room's channel: one on each line, JSON has no line ends."""
    return message.decode().split("\n")


def _publish(room: str, events: Sequence[RoomEvent]) -> None:
    try:
        room_redis(room).publish(room_channel(room), "\n".join(map(encode, events)))
    except redis.RedisError:
        types = sorted({event.type for event in events})
        logger.warning("room events not delivered", exc_info=True, extra={"room": room, "events": types})
