"""Sending what is owed, each message at most once (docs/decisions/0007-a-reminder-is-sent-at-most-once.md)."""

import logging
import time
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.undeliverable import is_undeliverable
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing
from trailers.delivery_plan import IMMINENT
from trailers.models import ReminderDelivery
from trailers.pushing import push_message
from trailers.reminder_texts import mail_message, push_notice

logger = logging.getLogger(__name__)

Channel = ReminderDelivery.Channel
Occasion = ReminderDelivery.Occasion
Status = ReminderDelivery.Status

MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=15)
"""Before the second try; doubled before each later one."""
LOST_AFTER = timedelta(minutes=10)
ROUND_SECONDS = 30.0
"""A round ends itself long before the worker's time limit would end it in the middle of a call."""
ROUND_SIZE = 2000


def deliver_due(now: datetime) -> None:
    """Send what is due, the longest due first, for ROUND_SECONDS at most."""
    due = ReminderDelivery.objects.filter(status=Status.PENDING, due_at__lte=now).order_by("due_at", "pk")
    until = time.monotonic() + ROUND_SECONDS
    with Mailing() as mailing:
        for delivery_id in list(due.values_list("pk", flat=True)[:ROUND_SIZE]):
            if time.monotonic() > until:
                break
            deliver(delivery_id, mailing)


def deliver(delivery_id: int, mailing: Mailing) -> None:
    """Send one delivery if it is still owed, still true, and nobody else's."""
    now = timezone.now()
    delivery = ReminderDelivery.objects.select_related(
        "reminder__member", "reminder__trailer__product", "reminder__trailer__broadcast"
    ).get(pk=delivery_id)
    if reason := reason_not_to_send(delivery, now):
        _change(delivery, [Status.PENDING], status=Status.SKIPPED, error=reason)
        return
    # Committed before anything leaves this machine: whoever finds it so cannot know how far the call came.
    claim = {"status": Status.SENDING, "claimed_at": now, "attempts": delivery.attempts + 1}
    if not _change(delivery, [Status.PENDING], **claim):
        return
    try:
        _send(delivery, mailing)
    except ProviderRefused as error:
        _settle(delivery, status=Status.FAILED, error=str(error)[:200])
    except ProviderError as error:
        _try_later(delivery, str(error), now)
    except OutcomeUnknown as error:
        _settle(delivery, status=Status.UNKNOWN, error=str(error)[:200])
    else:
        _settle(delivery, status=Status.SENT, sent_at=timezone.now(), error="")


def reason_not_to_send(delivery: ReminderDelivery, now: datetime) -> str:
    """Why this message would be wrong by now; "" if it is right."""
    reminder, trailer = delivery.reminder, delivery.reminder.trailer
    if reminder.stopped_at:
        return "stopped"
    if not reminder.member.is_active:
        return "member left"
    if delivery.channel == Channel.MAIL and is_undeliverable(reminder.member.email):
        return "undeliverable"
    if delivery.schedule_version != trailer.schedule_version:
        return "outdated"
    if delivery.occasion == Occasion.CANCELLED:
        return ""
    if trailer.is_over:
        return "over"
    true_until = trailer.starts_at - (IMMINENT if delivery.occasion == Occasion.SOON else timedelta(0))
    return "too late" if now >= true_until else ""


def give_up_lost(now: datetime) -> None:
    """Mark what a killed worker left half sent, for staff to see; it is never sent again."""
    lost = ReminderDelivery.objects.filter(status=Status.SENDING, claimed_at__lt=now - LOST_AFTER)
    if count := lost.update(status=Status.UNKNOWN, error="the worker ended while sending"):
        logger.error("reminders whose sending was cut off", extra={"count": count})


def _send(delivery: ReminderDelivery, mailing: Mailing) -> None:
    if delivery.channel == Channel.MAIL:
        mailing.send(mail_message(delivery))
    else:
        push_message(delivery.reminder.member_id, push_notice(delivery))


def _try_later(delivery: ReminderDelivery, error: str, now: datetime) -> None:
    if delivery.attempts + 1 >= MOST_ATTEMPTS:
        _settle(delivery, status=Status.FAILED, error=error[:200])
        return
    pause = FIRST_PAUSE * 2**delivery.attempts
    _settle(delivery, status=Status.PENDING, due_at=now + pause, error=error[:200])


def _settle(delivery: ReminderDelivery, **values: object) -> None:
    """Write what became of a call. It may have taken so long that the delivery counts as lost: this knows better."""
    _change(delivery, [Status.SENDING, Status.UNKNOWN], **values)


def _change(delivery: ReminderDelivery, before: list[Status], **values: object) -> bool:
    return bool(ReminderDelivery.objects.filter(pk=delivery.pk, status__in=before).update(**values))
