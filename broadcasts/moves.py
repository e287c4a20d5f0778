"""The one way a broadcast changes its status."""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from broadcasts.chapters.pins import follow_pin
from broadcasts.events import BroadcastChanged
from broadcasts.models import Broadcast, BroadcastLog
from broadcasts.signals import broadcast_ended
from common.errors import IllegalMove
from common.events import send_on_commit

Status = Broadcast.Status

MOVES: dict[str, set[str]] = {
    Status.SCHEDULED: {Status.STARTING, Status.CANCELLED},
    Status.STARTING: {Status.LIVE, Status.CANCELLED},
    Status.LIVE: {Status.RECONNECTING, Status.ENDED},
    Status.RECONNECTING: {Status.LIVE, Status.ENDED},
    Status.ENDED: set(),
    Status.CANCELLED: set(),
}


def lock_broadcast(broadcast_id: int) -> Broadcast:
    """Return the row, held until the transaction ends."""
    return Broadcast.objects.select_for_update().get(pk=broadcast_id)


@transaction.atomic
def move_broadcast(broadcast_id: int, to: str, *, by: User | None = None) -> bool:
    """Make one allowed move and tell the room. False if it was made already; IllegalMove if it may not be."""
    broadcast = lock_broadcast(broadcast_id)
    if broadcast.status == to:
        return False
    if to not in MOVES[broadcast.status]:
        raise IllegalMove(broadcast.status, to)
    now = timezone.now()
    BroadcastLog.objects.create(broadcast=broadcast, type=f"broadcast.{to}", before=broadcast.status, by=by)
    broadcast.status = to
    broadcast.version += 1
    match to:
        case Status.LIVE:
            broadcast.started_at = broadcast.started_at or now
            broadcast.signal_lost_at = None
        case Status.RECONNECTING:
            broadcast.signal_lost_at = now
        case Status.ENDED:
            broadcast.ended_at = now
    broadcast.save(update_fields=["status", "version", "started_at", "signal_lost_at", "ended_at"])
    follow_pin(broadcast)
    send_on_commit(broadcast.room, BroadcastChanged.of(broadcast))
    if to == Status.ENDED:
        news = partial(broadcast_ended.send_robust, Broadcast, broadcast_id=broadcast_id)
        transaction.on_commit(news, robust=True)
    return True


def next_version(broadcast: Broadcast) -> int:
    """Count one more visible change of a locked broadcast and return its number."""
    Broadcast.objects.filter(pk=broadcast.pk).update(version=F("version") + 1)
    broadcast.refresh_from_db(fields=["version"])
    return broadcast.version
