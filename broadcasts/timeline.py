"""Which moment of the clock is where in a recording.

A recording has less in it than the clock passed: the time between two streams is missing, and the timestamps of an
encoder that cannot keep up lag. A timeline is a list of knots (moment, position), both in milliseconds and both
growing: from each knot on the recording runs with the clock, until the position of the next one is reached.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from operator import itemgetter

from broadcasts.clips.playlist import Piece

MS = timedelta(milliseconds=1)
TOLERANCE_MS = 100
"""Dates that differ by less from where the clock would be make no new knot."""
MOST_KNOTS = 1000
"""An encoder that lags all the time would make thousands; then the tolerance is doubled until it does not."""

Knot = tuple[int, int]
"""Ms since 1970, ms into the recording."""

Span = tuple[datetime, datetime | None]
"""When a stream began and ended; None: not known to have ended."""

_moment, _position = itemgetter(0), itemgetter(1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def position_of(knots: Sequence[Knot], at: datetime) -> int:
    """Return how many ms of the recording there were at a moment; 0 before its beginning."""
    now = (at - _EPOCH) // MS
    number = bisect_right(knots, now, key=_moment)
    if number == 0:
        return 0
    moment, position = knots[number - 1]
    passed = position + now - moment
    return min(passed, knots[number][1]) if number < len(knots) else passed


def moment_of(knots: Sequence[Knot], position: int) -> datetime:
    """Return when a position (ms) was recorded; where something is missing, the moment before. Needs a knot."""
    number = max(1, bisect_left(knots, position, key=_position))
    moment, begin = knots[number - 1]
    at = moment + position - begin
    return _EPOCH + (min(at, knots[number][0]) if number < len(knots) else at) * MS


def knots_of_streams(spans: Sequence[Span]) -> list[Knot]:
    """Return the timeline of streams (in order) as far as their events tell it: not how they lagged."""
    knots: list[Knot] = []
    position = 0
    begins = [began for began, _ in spans[1:]]
    for (began, ended), following in zip_longest(spans, begins):
        knots.append(((began - _EPOCH) // MS, position))
        if end := ended or following:
            position += (end - began) // MS
    return knots


def knots_of_pieces(pieces: Sequence[Piece]) -> list[Knot]:
    """Return the timeline that the dates in a playlist tell; empty unless its first piece has one."""
    dated = [((piece.date - _EPOCH) // MS, piece.start_ms) for piece in pieces if piece.date]
    if not dated or not pieces[0].date:
        return []
    tolerance = TOLERANCE_MS
    while len(knots := _thinned(dated, tolerance)) > MOST_KNOTS:
        tolerance *= 2
    return knots


def _thinned(dated: Sequence[Knot], tolerance: int) -> list[Knot]:
    """Leave out what follows from the knot before, and what a clock that was set back says."""
    knots = [dated[0]]
    for moment, position in dated[1:]:
        last_moment, last_position = knots[-1]
        differs = abs((moment - last_moment) - (position - last_position)) > tolerance
        if differs and moment > last_moment and position > last_position:
            knots.append((moment, position))
    return knots
