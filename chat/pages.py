"""A room's messages in pages: backwards from one of them, and in time with the replay."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from broadcasts.models import Broadcast
from broadcasts.replay import Place, Replay
from chat.models import Message
from chat.telling import messages_of

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Page:
    """Messages in order. `more`: there are others, before them or (in a stretch of the replay) after them."""

    messages: list[Message]
    more: bool


def before(broadcast: Broadcast, seq: int) -> Page:
    """Return what was said just before a message. One query."""
    return _last(messages_of(broadcast.pk).filter(seq__lt=seq))


def until(broadcast: Broadcast, replay: Replay, place: Place) -> Page:
    """Return what was said last when the replay is at a place. One query; raises IndexError without such a part."""
    end = _end_of(replay, place)
    return _last(messages_of(broadcast.pk).filter(Q(created_at__lt=end) if end else Q()))


def between(broadcast: Broadcast, replay: Replay, begin: Place, end: Place, *, after: int = 0) -> Page:
    """Return what was said in a stretch of one part, from its beginning or from the message `after` on.

    One query. Raises IndexError without such a part.
    """
    messages = messages_of(broadcast.pk).filter(seq__gt=after, created_at__gte=replay.moment_of(begin))
    if latest := _end_of(replay, end):
        messages = messages.filter(created_at__lt=latest)
    page = list(messages.order_by("seq")[: PAGE + 1])
    return Page(messages=page[:PAGE], more=len(page) > PAGE)


def _last(messages: QuerySet[Message]) -> Page:
    page = list(messages.order_by("-seq")[: PAGE + 1])
    return Page(messages=page[:PAGE][::-1], more=len(page) > PAGE)


def _end_of(replay: Replay, place: Place) -> datetime | None:
    """Return the moment of a place; at the end of a part that is where the next begins, None after the last.

    What was said while nothing was recorded belongs to the end of the part before, as in `Replay.place_of`.
    """
    moment = replay.moment_of(place)
    part = replay.parts[place.part - 1]
    if place.ms < part.duration_ms - part.starts_at_ms:
        return moment
    return replay.parts[place.part].started_at if place.part < len(replay.parts) else None
