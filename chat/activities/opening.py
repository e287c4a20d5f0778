"""Beginning a poll, quiz or draw."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast, BroadcastLog
from broadcasts.moves import lock_broadcast
from chat.activities.draws import commitment_of, new_seed
from chat.activities.events import ActivityChanged
from chat.activities.models import Activity
from common.errors import DomainError
from common.events import send_on_commit

Kind = Activity.Kind

SHORTEST_SECONDS = 15
LONGEST_SECONDS = 300
FEWEST_OPTIONS = 2
MOST_OPTIONS = 5
MOST_PLACES = 20


class NotOnAir(DomainError):
    """Only a show that is on the air has somebody to answer."""

    code = "not_on_air"


class OneIsOpen(DomainError):
    """The show has an activity already that is not over."""

    code = "one_is_open"


def open_poll(
    broadcast_id: int, *, question: str, options: list[str], seconds: int, by: User | None
) -> Activity:
    """Ask the viewers what they think. Raises NotOnAir, OneIsOpen."""
    asked = Activity(kind=Kind.POLL, question=question, options=options)
    return _open(broadcast_id, asked, seconds=seconds, by=by)


def open_quiz(
    broadcast_id: int,
    *,
    question: str,
    options: list[str],
    right_option: int,
    places: int,
    seconds: int,
    by: User | None,
) -> Activity:
    """Ask the viewers what they know; the fastest of those who do win. Raises NotOnAir, OneIsOpen."""
    asked = Activity(
        kind=Kind.QUIZ, question=question, options=options, right_option=right_option, places=places
    )
    return _open(broadcast_id, asked, seconds=seconds, by=by)


def open_draw(
    broadcast_id: int, *, question: str, places: int, buyers_only: bool, seconds: int, by: User | None
) -> Activity:
    """Let viewers take part in a draw whose seed is committed to from here on. Raises NotOnAir, OneIsOpen."""
    seed = new_seed()
    draw = Activity(
        kind=Kind.DRAW,
        question=question,
        places=places,
        buyers_only=buyers_only,
        seed=seed,
        commitment=commitment_of(seed),
    )
    return _open(broadcast_id, draw, seconds=seconds, by=by)


@transaction.atomic
def _open(broadcast_id: int, activity: Activity, *, seconds: int, by: User | None) -> Activity:
    """The broadcast's lock keeps it at one, and versions in order."""
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise ValueError(f"{seconds} s is too short or too long")
    broadcast = lock_broadcast(broadcast_id)
    _check(broadcast)
    now = timezone.now()
    activity.broadcast = broadcast
    activity.opened_at = now
    activity.closes_at = now + timedelta(seconds=seconds)
    activity.counts = [0] * max(1, len(activity.options))
    activity.version = (broadcast.activities.aggregate(newest=Max("version"))["newest"] or 0) + 1
    activity.save()
    BroadcastLog.objects.create(broadcast=broadcast, type=f"activity.{activity.kind}_opened", by=by)
    send_on_commit(broadcast.room, ActivityChanged.of(activity))
    return activity


def _check(broadcast: Broadcast) -> None:
    if not broadcast.is_on_air:
        raise NotOnAir(_("방송 중일 때만 시작할 수 있어요."))
    if broadcast.activities.filter(status=Activity.Status.OPEN).exists():
        raise OneIsOpen(_("진행 중인 것이 있어요. 먼저 끝내 주세요."))
