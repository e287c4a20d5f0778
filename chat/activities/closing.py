"""Counting while an activity is open, and its end, which happens once."""

import logging

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast, BroadcastLog
from chat.activities.draws import drawn, list_digest_of
from chat.activities.events import ActivityChanged, ActivityCounted
from chat.activities.models import Activity, Answer
from chat.activities.names import masked
from common.events import send_on_commit

logger = logging.getLogger(__name__)

Kind = Activity.Kind

OVER = (Broadcast.Status.ENDED, Broadcast.Status.CANCELLED)


def look_after_activities() -> None:
    """Close what is due, or whose show is over; tell the rooms of the others what was answered meanwhile."""
    now = timezone.now()
    still_open = Activity.objects.filter(status=Activity.Status.OPEN)
    due = still_open.filter(Q(closes_at__lte=now) | Q(broadcast__status__in=OVER))
    for activity_id in due.values_list("pk", flat=True)[:500]:
        try:
            close_activity(activity_id, by=None)
        except Exception:
            logger.exception("activity not closed", extra={"activity": activity_id})  # the other rooms go on
    for activity in still_open.filter(closes_at__gt=now).select_related("broadcast").defer("seed")[:500]:
        tell_counts(activity)


@transaction.atomic
def tell_counts(activity: Activity) -> bool:
    """Tell the room the counts, if they changed since `activity` was read. Select `broadcast` with it."""
    counts = _counts(activity)
    if counts == activity.counts:
        return False
    # Whoever counts at the same time tells it once: the version lets one of them through.
    untold = Activity.objects.filter(pk=activity.pk, version=activity.version, status=Activity.Status.OPEN)
    if not untold.update(counts=counts, version=F("version") + 1):
        return False
    activity.counts, activity.version = counts, activity.version + 1
    send_on_commit(activity.broadcast.room, ActivityCounted.of(activity))
    return True


@transaction.atomic
def close_activity(activity_id: int, *, by: User | None) -> bool:
    """End an activity, decide who won, and tell the room. False if it was closed already: nothing is drawn twice.

    `by` is None when its time is over. The lock waits for those who are answering, and keeps out who comes after.
    """
    activity = (
        Activity.objects.select_for_update(of=("self",)).select_related("broadcast").get(pk=activity_id)
    )
    if not activity.is_open:
        return False
    activity.status = Activity.Status.CLOSED
    activity.closed_at = timezone.now()
    activity.version += 1
    activity.counts = _counts(activity)
    if activity.kind == Kind.DRAW:
        _draw(activity)
    elif activity.kind == Kind.QUIZ:
        _rank(activity)
    activity.save(update_fields=["status", "closed_at", "version", "counts", "winners", "list_digest"])
    BroadcastLog.objects.create(broadcast=activity.broadcast, type=f"activity.{activity.kind}_closed", by=by)
    send_on_commit(activity.broadcast.room, ActivityChanged.of(activity))
    return True


def _counts(activity: Activity) -> list[int]:
    if activity.kind == Kind.DRAW:
        return [activity.answers.count()]
    found = dict(activity.answers.values_list("option").annotate(given=Count("pk")))
    return [found.get(place, 0) for place in range(len(activity.options))]


def _draw(activity: Activity) -> None:
    tickets = list(activity.answers.values_list("ticket", flat=True))
    activity.list_digest = list_digest_of(tickets)
    winning = drawn(activity.seed, tickets, activity.places)
    by_ticket = {
        answer.ticket: answer
        for answer in activity.answers.filter(ticket__in=winning).select_related("member")
    }
    activity.winners = [_winner(by_ticket[ticket]) for ticket in winning]


def _rank(activity: Activity) -> None:
    right = activity.answers.filter(option=activity.right_option).select_related("member")
    activity.winners = [_winner(answer) for answer in right.order_by("answered_at", "pk")[: activity.places]]


def _winner(answer: Answer) -> dict[str, str]:
    return {"name": masked(answer.member), "ticket": answer.ticket}
