"""Wanting to be reminded of a trailer's show, and not wanting it any more."""

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from trailers.models import Reminder, Trailer


class NothingToRemindOf(DomainError):
    """The show is called off or over."""

    code = "nothing_to_remind_of"


@transaction.atomic
def ask_for_reminder(trailer: Trailer, *, member: User) -> Reminder:
    """Remind this member from now on; without effect where it is so. Raises NothingToRemindOf."""
    if trailer.is_over:
        raise NothingToRemindOf(_("끝났거나 취소된 방송이라 알릴 것이 없어요."))
    reminder, _created = Reminder.objects.get_or_create(
        trailer=trailer, member=member, defaults={"asked_at": timezone.now()}
    )
    stopped = Reminder.objects.filter(pk=reminder.pk, stopped_at__isnull=False)
    stopped.update(stopped_at=None, asked_at=timezone.now())
    return reminder


def stop_reminder(trailer: Trailer, *, member: User) -> None:
    """Write nothing more to this member about this trailer, unless asked anew."""
    own = Reminder.objects.filter(trailer=trailer, member=member, stopped_at=None)
    own.update(stopped_at=timezone.now())


def wants_reminder(trailer: Trailer, member: User) -> bool:
    """Whether this member is to be reminded."""
    return Reminder.objects.filter(trailer=trailer, member=member, stopped_at=None).exists()


def note_reminders(trailers: Sequence[Trailer], member: User | AnonymousUser) -> None:
    """Write on each trailer of a list whether this reader is to be reminded, in one query."""
    if not member.is_authenticated:
        return
    wanted = Reminder.objects.filter(member=member, stopped_at=None, trailer__in=[one.pk for one in trailers])
    known = set(wanted.values_list("trailer_id", flat=True))
    for trailer in trailers:
        trailer.is_reminded = trailer.pk in known


def count_reminders(trailer: Trailer) -> int:
    """How many members are to be reminded."""
    return Reminder.objects.filter(trailer=trailer, stopped_at=None).count()
