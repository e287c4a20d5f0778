from broadcasts.models import Broadcast
from common.presence import count_viewers


def with_viewers(broadcasts: list[Broadcast]) -> list[Broadcast]:
    """Set `viewers` (distinct, right now) on each, in one round trip to Redis."""
    counts = count_viewers([broadcast.room for broadcast in broadcasts])
    for broadcast in broadcasts:
        broadcast.viewers = counts[broadcast.room]  # type: ignore[attr-defined]
    return broadcasts
