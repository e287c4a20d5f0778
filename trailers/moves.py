"""The one way a trailer changes its status."""

from django.db import transaction

from accounts.models import User
from common.errors import IllegalMove
from trailers.models import Trailer, TrailerLog

Status = Trailer.Status

MOVES: dict[str, set[str]] = {
    Status.SCHEDULED: {Status.STARTED, Status.CANCELLED},
    Status.STARTED: {Status.CANCELLED},  # when its show is called off before it began
    Status.CANCELLED: set(),
}


def lock_trailer(trailer_id: int) -> Trailer:
    """Return the row, held until the transaction ends."""
    return Trailer.objects.select_for_update().get(pk=trailer_id)


@transaction.atomic
def move_trailer(trailer_id: int, to: str, *, by: User | None = None) -> bool:
    """Make one allowed move. False if it was made already; IllegalMove if it may not be."""
    trailer = lock_trailer(trailer_id)
    if trailer.status == to:
        return False
    if to not in MOVES[trailer.status]:
        raise IllegalMove(trailer.status, to)
    TrailerLog.objects.create(
        trailer=trailer, type=f"trailer.{to}", details={"before": trailer.status}, by=by
    )
    trailer.status = to
    trailer.save(update_fields=["status"])
    return True
