"""Members who may not write for a while, or never again, in the rooms of a channel."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast, Moderator
from chat.moderation.changing import Act, next_channel_rules, rooms_of, write_log
from chat.moderation.events import restriction_event
from chat.moderation.models import Restriction
from chat.moderation.refusals import BadSetting, NotAllowed
from common.events import send_on_commit

TIMEOUT_MINUTES = (1, 5, 30, 24 * 60)
SAME_PRESS = timedelta(seconds=3)
"""Two presses on the same button so close to each other are one."""


@transaction.atomic
def time_out(broadcast: Broadcast, member: User, minutes: int, *, by: User, reason: str = "") -> None:
    """Keep the member from writing for so long, whatever stood before. Raises NotAllowed, BadSetting."""
    if minutes not in TIMEOUT_MINUTES:
        raise BadSetting
    until = timezone.now() + timedelta(minutes=minutes)
    _restrict(broadcast, member, Restriction.Kind.TIMEOUT, until, by=by, reason=reason)


@transaction.atomic
def ban(broadcast: Broadcast, member: User, *, by: User, reason: str = "") -> None:
    """Keep the member from writing in this channel until the ban is lifted. Raises NotAllowed."""
    _restrict(broadcast, member, Restriction.Kind.BAN, None, by=by, reason=reason)


@transaction.atomic
def lift(broadcast: Broadcast, member: User, *, by: User) -> None:
    """Let the member write again; nothing happens if they may."""
    rules = next_channel_rules(broadcast)
    standing = _standing(broadcast, member)
    if standing is None:
        return
    _end(standing)
    rules.save()
    write_log(broadcast, Act.LIFT, by=by, member=member)
    _tell(broadcast, standing, rules.version)


def _restrict(
    broadcast: Broadcast,
    member: User,
    kind: Restriction.Kind,
    until: datetime | None,
    *,
    by: User,
    reason: str,
) -> None:
    # Under the lock, so that nobody is appointed and restricted at the same time.
    rules = next_channel_rules(broadcast)
    if _keeps_order(broadcast, member):
        raise NotAllowed
    if standing := _standing(broadcast, member):
        if _is_same(standing, kind, until):
            return
        _end(standing)
    restriction = Restriction.objects.create(
        channel=broadcast.channel, member=member, kind=kind, until=until, by=by, reason=reason
    )
    rules.save()
    write_log(broadcast, Act(kind.value), by=by, member=member, detail=_words_for(until))
    _tell(broadcast, restriction, rules.version)


def _keeps_order(broadcast: Broadcast, member: User) -> bool:
    channel = broadcast.channel
    return channel.member_id == member.pk or Moderator.objects.filter(channel=channel, member=member).exists()


def _standing(broadcast: Broadcast, member: User) -> Restriction | None:
    """What was not lifted, also when it ran out: only one may stand."""
    rows = Restriction.objects.filter(channel=broadcast.channel, member=member, lifted_at=None)
    return rows.select_related("member").first()


def _is_same(standing: Restriction, kind: Restriction.Kind, until: datetime | None) -> bool:
    if standing.kind != kind:
        return False
    return until is None or (standing.until is not None and abs(until - standing.until) < SAME_PRESS)


def _end(restriction: Restriction) -> None:
    restriction.lifted_at = timezone.now()
    restriction.save(update_fields=["lifted_at"])


def _words_for(until: datetime | None) -> str:
    return timezone.localtime(until).strftime("~%m/%d %H:%M") if until else ""


def _tell(broadcast: Broadcast, restriction: Restriction, version: int) -> None:
    for room in rooms_of(broadcast.channel, broadcast):
        send_on_commit(room, restriction_event(restriction, version=version))
