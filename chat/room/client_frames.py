"""What a browser may send."""

import json
from dataclasses import dataclass
from uuid import UUID

LARGEST_SEQ = 2**31 - 1
MOST_HEARTS = 20


class BadFrame(Exception):
    """Not what any version of our pages sends."""


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Asks for the room's state, with the messages after `after` (None: the newest)."""

    after: int | None


@dataclass(frozen=True, kw_only=True)
class Say:
    """Posts a message, perhaps as an answer to the one numbered `reply_to`."""

    key: UUID
    text: str
    reply_to: int | None = None


@dataclass(frozen=True, kw_only=True)
class Give:
    """Gives so many hearts."""

    hearts: int


@dataclass(frozen=True)
class Ping:
    """Asks whether we are there."""


def parse(text: str) -> Sync | Say | Give | Ping | None:
    """Read a frame: None for a type we do not know, which a newer page may send during an update.

    Raises BadFrame.
    """
    try:
        match json.loads(text):
            case {"type": "sync", "after": None}:
                return Sync(after=None)
            case {"type": "sync", "after": int(after)} if _is_seq(after):
                return Sync(after=after)
            case {"type": "say", "key": str(key), "text": str(words), "reply_to": int(seq)} if _is_seq(seq):
                return Say(key=UUID(key), text=words, reply_to=seq)
            case {"type": "say", "key": str(key), "text": str(words)}:
                return Say(key=UUID(key), text=words)
            case {"type": "hearts", "count": int(count)} if 1 <= count <= MOST_HEARTS and count is not True:
                return Give(hearts=count)
            case {"type": "ping"}:
                return Ping()
            case {"type": "sync" | "say" | "hearts"}:
                raise BadFrame("fields")
            case {"type": str()}:
                return None
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    raise BadFrame("no type")


def _is_seq(value: int) -> bool:
    return 0 <= value <= LARGEST_SEQ and not isinstance(value, bool)
