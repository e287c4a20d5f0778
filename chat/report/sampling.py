"""How the shows on the air stand, written down every few seconds for their reports."""

from datetime import timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.activities.hearts import hearts_of
from chat.models import Room
from chat.report.models import Sample
from common.presence import count_viewers
from orders.models import Order

EVERY_SECONDS = 10
"""As beat's schedule has it."""
MOST_SHOWS = 500
KEPT = timedelta(days=400)
"""A year's report can still be laid beside the one before."""
DELETED_AT_ONCE = 5000


def take_samples() -> int:
    """Note how every show on the air stands; return how many. Run twice within EVERY_SECONDS, it notes once."""
    now = timezone.now()
    at = now.replace(second=now.second // EVERY_SECONDS * EVERY_SECONDS, microsecond=0)
    paid = (
        Order.objects.filter(broadcast=OuterRef("pk"), paid_at__isnull=False)
        .order_by()
        .values("broadcast")
        .annotate(count=Count("pk"))
        .values("count")
    )
    last_seq = Room.objects.filter(broadcast=OuterRef("pk")).values("last_seq")
    shows = list(
        Broadcast.objects.on_air()
        .select_related("heart_count")
        .annotate(messages_said=Coalesce(Subquery(last_seq), 0), orders_paid=Coalesce(Subquery(paid), 0))[
            :MOST_SHOWS
        ]
    )
    viewers = count_viewers([show.room for show in shows])
    Sample.objects.bulk_create(
        (
            Sample(
                broadcast=show,
                at=at,
                viewers=viewers[show.room],
                messages=show.messages_said,
                hearts=hearts_of(show),
                orders=show.orders_paid,
            )
            for show in shows
        ),
        ignore_conflicts=True,
    )
    return len(shows)


def forget_old_samples() -> int:
    """Delete samples older than KEPT, some at a time; return how many."""
    old = Sample.objects.filter(Q(at__lt=timezone.now() - KEPT)).values("pk")[:DELETED_AT_ONCE]
    return Sample.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
