"""Viewers say that a message breaks the rules; the seller and moderators see it in one queue."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max

from accounts.models import User
from broadcasts.models import Broadcast
from chat.models import Message
from chat.moderation.models import Report
from chat.moderation.refusals import BadSetting, NoSuchMessage, NotAllowed
from chat.telling import messages_of

QUEUE = 50


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A message with what was said against it."""

    message: Message
    times: int
    reasons: list[str]


def report_message(broadcast: Broadcast, seq: int, reason: str, *, by: User) -> None:
    """Report a message, once however often it is asked for.

    Raises NoSuchMessage, NotAllowed (one's own), BadSetting.
    """
    if reason not in Report.Reason:
        raise BadSetting
    message = messages_of(broadcast.pk).filter(seq=seq, hidden_at=None).first()
    if message is None:
        raise NoSuchMessage
    if message.author_id == by.pk:
        raise NotAllowed
    Report.objects.get_or_create(message=message, reporter=by, defaults={"reason": reason})


def waiting_reports(broadcast: Broadcast) -> list[Reported]:
    """Return the reported messages of a show that nobody decided on, the most reported first, at most QUEUE."""
    waiting = Report.objects.filter(message__room=broadcast.pk, outcome="")
    counted = waiting.order_by().values("message").annotate(times=Count("pk"), last=Max("pk"))
    rows = list(counted.order_by("-times", "-last").values_list("message", "times")[:QUEUE])
    messages = messages_of(broadcast.pk).in_bulk([message for message, _ in rows])
    reasons: dict[int, set[str]] = {}
    for message, reason in waiting.filter(message__in=messages).order_by().values_list("message", "reason"):
        reasons.setdefault(message, set()).add(reason)
    return [
        Reported(message=messages[pk], times=times, reasons=_labels(reasons.get(pk, ())))
        for pk, times in rows
        if pk in messages
    ]


def _labels(reasons: Iterable[str]) -> list[str]:
    return [str(reason.label) for reason in Report.Reason if reason in reasons]
