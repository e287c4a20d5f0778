"""What somebody who enters a room needs to know of its activities."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.activities.events import ActivityChanged
from chat.activities.models import Activity

SHOWN_AFTER = timedelta(seconds=60)
"""How long a result stays."""


def activity_of(broadcast: Broadcast) -> ActivityChanged | None:
    """Return what is open now or was closed within SHOWN_AFTER. One query while the show is on the air."""
    if not broadcast.is_on_air:
        return None
    shown = Q(status=Activity.Status.OPEN) | Q(closed_at__gt=timezone.now() - SHOWN_AFTER)
    activity = Activity.objects.filter(shown, broadcast=broadcast).order_by("-pk").first()
    return ActivityChanged.of(activity) if activity else None
