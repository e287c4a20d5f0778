"""Who may do what in a room."""

from datetime import timedelta

from django.utils import timezone

from broadcasts.models import Broadcast

OPEN_AFTER_END = timedelta(minutes=10)


def is_open(broadcast: Broadcast) -> bool:
    """Whether members may write: before and during the show, and for a farewell after it."""
    match broadcast.status:
        case Broadcast.Status.CANCELLED:
            return False
        case Broadcast.Status.ENDED:
            return broadcast.ended_at is not None and timezone.now() < broadcast.ended_at + OPEN_AFTER_END
    return True
