"""Which messages are owed to whom. A delivery is a row before it is a message; its unique key keeps it single."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from broadcasts.models import Broadcast
from trailers.models import PushSubscription, Reminder, ReminderDelivery, Trailer

Channel = ReminderDelivery.Channel
Occasion = ReminderDelivery.Occasion

SOON = timedelta(minutes=30)
IMMINENT = timedelta(minutes=5)
ROWS_AT_ONCE = 500


def tell_everybody(trailer: Trailer, occasion: Occasion) -> None:
    """Owe everybody who wants to be reminded one message about the trailer as it is now."""
    _owe(trailer, occasion, _wanted(trailer), due_at=timezone.now())


def plan_reminders(now: datetime) -> None:
    """Owe what the clock makes due: 30 minutes and 5 minutes before each start."""
    ahead = Trailer.objects.public().filter(starts_at__gt=now, starts_at__lte=now + SOON)
    # Also to the show that is made already, as long as it is not over.
    ahead = ahead.exclude(broadcast__status__in=[Broadcast.Status.ENDED, Broadcast.Status.CANCELLED])
    for trailer in ahead:
        occasion, moment = _occasion_at(trailer, now)
        # Whoever asked, or was told the new time, later than that knows already how soon it is.
        if trailer.scheduled_at < moment:
            _owe(trailer, occasion, _wanted(trailer).filter(asked_at__lt=moment), due_at=moment)


def _occasion_at(trailer: Trailer, now: datetime) -> tuple[Occasion, datetime]:
    """The occasion whose time it is, and when that time began."""
    if now >= trailer.starts_at - IMMINENT:
        return Occasion.IMMINENT, trailer.starts_at - IMMINENT
    return Occasion.SOON, trailer.starts_at - SOON


def _wanted(trailer: Trailer) -> QuerySet[Reminder]:
    return Reminder.objects.filter(trailer=trailer, stopped_at=None, member__is_active=True)


def _owe(trailer: Trailer, occasion: Occasion, reminders: QuerySet[Reminder], *, due_at: datetime) -> None:
    channels = {Channel.MAIL: reminders}
    if settings.VAPID_PRIVATE_KEY:
        browsers = PushSubscription.objects.filter(member=OuterRef("member"))
        channels[Channel.PUSH] = reminders.filter(Exists(browsers))
    for channel, wanting in channels.items():
        key = {"channel": channel, "occasion": occasion, "schedule_version": trailer.schedule_version}
        owed = ReminderDelivery.objects.filter(reminder=OuterRef("pk"), **key)
        missing = wanting.exclude(Exists(owed)).values_list("pk", flat=True)
        _insert(ReminderDelivery(reminder_id=pk, due_at=due_at, **key) for pk in list(missing))


def _insert(deliveries: Iterable[ReminderDelivery]) -> None:
    """Another worker may insert the same at the same time: the unique key lets one of them through."""
    ReminderDelivery.objects.bulk_create(deliveries, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
