"""Handing over: the seller types the buyer's code, or the buyer says it was received; the order is confirmed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from orders.confirming import confirm_order, deliver_order
from orders.models import Meeting, Offer, Order, OrderLog
from orders.second_hand.codes import is_code
from orders.second_hand.meetings import MeetingRefused, lock_deal, move_meeting

TRIES = 5
PAUSE = timedelta(minutes=15)
"""After TRIES wrong codes in a row."""
TRIES_EVER = 30
"""So many wrong codes are no slips: from then on only the buyer's own word ends the deal."""
WRONG = "meeting.wrong_code"


class WrongCode(DomainError):
    """The digits are not those of the order."""

    code = "wrong_code"


class TooManyTries(DomainError):
    """Wrong digits were typed so often that none are looked at for now."""

    code = "too_many_tries"


def hand_over(order_id: int, typed: str, *, by: User) -> None:
    """The seller typed the buyer's code: the deal is done and the seller is paid.

    Raises WrongCode, TooManyTries, MeetingRefused. A wrong code is counted also though this raises.
    """
    if not _hand_over(order_id, typed, by=by):
        raise WrongCode(_("코드가 맞지 않아요. 구매자의 주문 화면에 있는 여섯 자리를 다시 확인해 주세요."))


@transaction.atomic
def _hand_over(order_id: int, typed: str, *, by: User) -> bool:
    order, meeting = _to_finish(order_id)
    _check_tries(order, meeting)
    if not is_code(order, meeting.code_digest, typed):
        Meeting.objects.filter(pk=meeting.pk).update(wrong_tries=F("wrong_tries") + 1)
        OrderLog.objects.create(order=order, type=WRONG, before=meeting.status, by=by)
        return False
    _finish(order, meeting, by=by, mail_to=Offer.Side.BUYER)
    return True


@transaction.atomic
def note_received(order_id: int, *, by: User | None) -> None:
    """The buyer says that the goods are there, without a code. Raises MeetingRefused."""
    order, meeting = _to_finish(order_id)
    _finish(order, meeting, by=by, mail_to=Offer.Side.SELLER)


def _to_finish(order_id: int) -> tuple[Order, Meeting]:
    order, meeting = lock_deal(order_id)
    if meeting is None:
        raise MeetingRefused(_("먼저 만날 약속을 정해 주세요."))
    return order, meeting


def _check_tries(order: Order, meeting: Meeting) -> None:
    """Let five wrong codes pass, then none for a while; the log says when the last one was."""
    wrong = OrderLog.objects.filter(order=order, type=WRONG)
    if wrong.count() >= TRIES_EVER:
        raise TooManyTries(_("코드를 너무 많이 틀렸어요. 구매자가 주문 화면에서 직접 거래를 끝내야 해요."))
    if meeting.wrong_tries < TRIES:
        return
    last = wrong.last()
    if last is not None and timezone.now() < last.at + PAUSE:
        raise TooManyTries(_("코드를 다섯 번 틀렸어요. 15분 뒤에 다시 입력해 주세요."))
    Meeting.objects.filter(pk=meeting.pk).update(wrong_tries=0)


def _finish(order: Order, meeting: Meeting, *, by: User | None, mail_to: str) -> None:
    move_meeting(order, meeting, Meeting.Status.DONE, by=by, mail_to=mail_to)
    deliver_order(order.pk, by=by)
    confirm_order(order.pk, by=by)
