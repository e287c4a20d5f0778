"""Where the moments of a show are in its replay, and back: one reading for any number of moments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.models import Broadcast, Recording, StreamSession

MS = timedelta(milliseconds=1)

Span = tuple[datetime, datetime | None]
"""When a stream began and ended; None: not known to have ended."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point of a replay: the part (counted from 1) and milliseconds from where that part of the replay begins."""

    part: int
    ms: int

    @property
    def seconds(self) -> int:
        return self.ms // 1000

    @property
    def length(self) -> timedelta:
        """From the beginning of the part, as the `clock` filter shows it."""
        return timedelta(milliseconds=self.ms)


class Replay:
    """The parts of an ended show's recording that play, with the streams they were made of."""

    def __init__(self, parts: list[Recording], spans: dict[int, list[Span]]) -> None:
        self.parts = parts
        self._spans = spans

    def place_of(self, at: datetime) -> Place:
        """Return where a moment is. One that no part has is taken for the end of the part before it."""
        begun = [number for number, part in enumerate(self.parts, start=1) if part.started_at <= at]
        number = begun[-1] if begun else 1
        part = self.parts[number - 1]
        position = min(elapsed_ms(self._spans[part.pk], at), part.duration_ms)
        return Place(part=number, ms=max(0, position - part.starts_at_ms))

    def moment_of(self, place: Place) -> datetime:
        """Return when that was shown. Raises IndexError for a part that there is not."""
        if place.part < 1:
            raise IndexError(place.part)
        part = self.parts[place.part - 1]
        rest = min(place.ms + part.starts_at_ms, part.duration_ms) * MS
        end = part.started_at + rest
        for began, ended in self._spans[part.pk]:
            if ended is None or began + rest <= ended:
                return began + rest
            rest -= ended - began
            end = ended
        return end


def read_replay(broadcast: Broadcast) -> Replay | None:
    """Return the replay of a show; None while there is none. Two queries, one less with prefetched recordings."""
    if broadcast.status != Broadcast.Status.ENDED:
        return None
    parts = [part for part in broadcast.recordings.all() if part.status == Recording.Status.READY]
    return Replay(parts, spans_of(parts)) if parts else None


def spans_of(parts: Iterable[Recording]) -> dict[int, list[Span]]:
    """Return {recording id: its streams in order}. One query."""
    parts = list(parts)
    known: dict[str, Span] = {
        stream.stream_id: (stream.started_at, stream.ended_at)
        for stream in StreamSession.objects.filter(
            stream_id__in={stream_id for part in parts for stream_id in part.stream_ids}
        )
        if stream.started_at
    }
    return {
        part.pk: sorted(
            (known[stream_id] for stream_id in part.stream_ids if stream_id in known),
            key=lambda span: span[0],
        )
        for part in parts
    }


def elapsed_ms(spans: Iterable[Span], at: datetime) -> int:
    """Return how much was recorded until a moment.

    Counted stream by stream: the time between two streams passed on the clock but is not in the recording.
    """
    before = [min(ended or at, at) - began for began, ended in spans if began < at]
    return max(0, int(sum(before, timedelta()) / MS))
