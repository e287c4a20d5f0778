"""Taking part: one answer or ticket for each member, none after the end."""

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.access import keeps_order
from broadcasts.models import Broadcast
from chat.activities.models import Activity, Answer
from common.errors import DomainError
from orders.models import Order

Kind = Activity.Kind

_SHARED_LOCK = {"postgresql": "FOR KEY SHARE", "mysql": "LOCK IN SHARE MODE"}


class Over(DomainError):
    """It is closed, or its time is over."""

    code = "over"


class NoSuchOption(DomainError):
    """The activity has no such option."""

    code = "no_such_option"


class Answered(DomainError):
    """The member gave another answer to this quiz already."""

    code = "answered"


class NotForKeepers(DomainError):
    """Who may begin quizzes and draws does not win them."""

    code = "not_for_keepers"


class BuyersOnly(DomainError):
    """The draw is for members who bought in this show."""

    code = "buyers_only"


def give_answer(activity_id: int, member: User, option: int | None) -> Answer:
    """Note what a member chose (None in a draw: a ticket); the same again is the same answer.

    In a poll another choice replaces the one before. Raises Over, NoSuchOption, Answered, NotForKeepers, BuyersOnly.
    """
    activity = Activity.objects.select_related("broadcast__channel").get(pk=activity_id)
    if timezone.now() >= activity.closes_at or not activity.broadcast.is_on_air:
        raise Over(_("시간이 끝났어요."))
    if option not in ([None] if activity.kind == Kind.DRAW else range(len(activity.options))):
        raise NoSuchOption(_("없는 답이에요. 다시 골라 주세요."))
    before = answer_of(activity, member)
    if before is None:
        _check(activity, member)
    try:
        return _write(activity, member, option)
    except IntegrityError:  # the member's other tab was faster
        return _write(activity, member, option)


@transaction.atomic
def _write(activity: Activity, member: User, option: int | None) -> Answer:
    if not _held_open(activity.pk):
        raise Over(_("시간이 끝났어요."))
    answer = answer_of(activity, member)
    if answer is None:
        return Answer.objects.create(
            activity=activity, member=member, option=option, answered_at=timezone.now()
        )
    if answer.option == option:
        return answer
    if activity.kind == Kind.QUIZ:
        raise Answered(_("이미 답했어요. 퀴즈의 답은 바꿀 수 없어요."))
    answer.option = option
    answer.answered_at = timezone.now()
    answer.save(update_fields=["option", "answered_at"])
    return answer


def _held_open(activity_id: int) -> bool:
    """Whether the activity is open, and stays it until the transaction ends.

    Closing waits for all who hold it and lets nobody in after; those who answer do not wait for each other, which
    `select_for_update` would make them do.
    """
    sql = (
        f"SELECT 1 FROM {Activity._meta.db_table} "  # noqa: S608 no part of it comes from outside
        f"WHERE id = %s AND status = %s {_SHARED_LOCK.get(connection.vendor, '')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [activity_id, Activity.Status.OPEN])
        return cursor.fetchone() is not None


def answer_of(activity: Activity, member: User) -> Answer | None:
    """Return the member's answer or ticket."""
    return Answer.objects.filter(activity=activity, member=member).first()


def _check(activity: Activity, member: User) -> None:
    if activity.kind == Kind.POLL:
        return
    if keeps_order(member, activity.broadcast):
        raise NotForKeepers(_("방송을 진행하는 사람은 참여할 수 없어요."))
    if activity.buyers_only and not _bought_in(activity.broadcast, member):
        raise BuyersOnly(_("이 방송에서 산 사람만 참여할 수 있어요."))


def _bought_in(broadcast: Broadcast, member: User) -> bool:
    paid = Order.objects.filter(buyer=member, broadcast=broadcast, paid_at__isnull=False)
    return paid.exclude(status__in=[Order.Status.CANCELLED, Order.Status.REFUNDED]).exists()
