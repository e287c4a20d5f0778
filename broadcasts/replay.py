"""Where the moments of a show are in its replay, and back: one reading for any number of moments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.models import Broadcast, Recording, StreamSession
from broadcasts.timeline import Knot, Span, knots_of_streams, moment_of, position_of


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
    """The parts of an ended show's recording that play, each with its timeline."""

    def __init__(self, parts: list[Recording], timelines: dict[int, Sequence[Knot]]) -> None:
        self.parts = parts
        self._timelines = timelines

    def place_of(self, at: datetime) -> Place:
        """Return where a moment is. One that no part has is taken for the end of the part before it."""
        begun = [number for number, part in enumerate(self.parts, start=1) if part.started_at <= at]
        number = begun[-1] if begun else 1
        part = self.parts[number - 1]
        position = min(position_of(self._timelines[part.pk], at), part.duration_ms)
        return Place(part=number, ms=max(0, position - part.starts_at_ms))

    def moment_of(self, place: Place) -> datetime:
        """Return when that was shown. Raises IndexError for a part that there is not."""
        if place.part < 1:
            raise IndexError(place.part)
        part = self.parts[place.part - 1]
        return moment_of(self._timelines[part.pk], min(place.ms + part.starts_at_ms, part.duration_ms))


def read_replay(broadcast: Broadcast) -> Replay | None:
    """Return the replay of a show; None while there is none. Two queries, one less with prefetched recordings."""
    if broadcast.status != Broadcast.Status.ENDED:
        return None
    parts = [part for part in broadcast.recordings.all() if part.status == Recording.Status.READY]
    return Replay(parts, timelines_of(parts)) if parts else None


def timelines_of(parts: Iterable[Recording]) -> dict[int, Sequence[Knot]]:
    """Return {recording id: what its playlist says of its moments, else what its streams' events do}. One query."""
    parts = list(parts)
    known: dict[str, Span] = {
        stream.stream_id: (stream.started_at, stream.ended_at)
        for stream in StreamSession.objects.filter(
            stream_id__in={stream_id for part in parts for stream_id in part.stream_ids}
        )
        if stream.started_at
    }

    def timeline_of(part: Recording) -> Sequence[Knot]:
        if part.timeline:
            return [(moment, position) for moment, position in part.timeline]
        streams = sorted(
            (known[stream_id] for stream_id in part.stream_ids if stream_id in known),
            key=lambda span: span[0],
        )
        return knots_of_streams(streams or [(part.started_at, None)])

    return {part.pk: timeline_of(part) for part in parts}


def lead_ms(recording: Recording) -> int:
    """Return how much was recorded before the show began."""
    show = recording.broadcast
    if show is None or show.started_at is None:
        return 0
    return min(position_of(timelines_of([recording])[recording.pk], show.started_at), recording.duration_ms)
