"""When one side does not come: the other says so, and the money goes back unless it is contested in time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from orders.disputes import open_dispute
from orders.models import Claim, Meeting, Offer, OrderLog
from orders.moves import lock_order
from orders.refunds import refund_lines
from orders.second_hand.meetings import OPEN_ORDERS, MeetingRefused, lock_deal, move_meeting
from orders.second_hand.news import mail_on_commit, other

Status = Meeting.Status

PATIENCE = timedelta(minutes=15)
"""How late somebody may be before the other may say so."""
MISSED = f"meeting.{Status.MISSED}"


@transaction.atomic
def report_missed(order_id: int, side: str, *, by: User | None) -> Meeting:
    """Say that the other side did not come. Raises MeetingRefused."""
    order, meeting = lock_deal(order_id)
    if meeting is not None and meeting.status == Status.MISSED and meeting.missed_by == other(side):
        return meeting
    if meeting is None or not may_report(meeting, timezone.now()):
        raise MeetingRefused(_("약속 시간에서 15분이 지나야 신고할 수 있어요."))
    meeting.missed_by = other(side)
    move_meeting(order, meeting, Status.MISSED, by=by, mail_to=meeting.missed_by)
    return meeting


def may_report(meeting: Meeting, now: datetime) -> bool:
    """Whether it may be said by now that somebody did not come."""
    return meeting.status == Status.AGREED and now >= meeting.at + PATIENCE


def contest_until(meeting: Meeting) -> datetime | None:
    """Until when the side that is said to have missed it may say otherwise; None where nobody said so."""
    if meeting.status != Status.MISSED:
        return None
    said = OrderLog.objects.filter(order=meeting.order_id, type=MISSED).last()
    return said.at + timedelta(hours=settings.NO_SHOW_HOURS) if said else None


@transaction.atomic
def contest_missed(order_id: int, side: str, *, text: str, by: User | None) -> None:
    """Say that one did come: the staff decide what becomes of the money. Raises MeetingRefused, NoDispute."""
    order, meeting = lock_deal(order_id)
    if meeting is None or meeting.status != Status.MISSED or meeting.missed_by != side:
        raise MeetingRefused(_("이의를 제기할 신고가 없어요."))
    meeting.missed_by = ""
    move_meeting(order, meeting, Status.AGREED, by=by)
    open_dispute(order_id, subject="other", text=text, by=by, side=side)


@transaction.atomic
def undo_sale(order_id: int, *, reason: str) -> bool:
    """Give the buyer everything back and the pieces to the shelf, because nobody met; whether it was so.

    A claim that is open comes to its own end, by its own clock.
    """
    order = lock_order(order_id)
    if order.status not in OPEN_ORDERS or order.claims.filter(status__in=Claim.OPEN).exists():
        return False
    meeting = Meeting.objects.filter(order=order).first()
    if meeting is not None:  # the buyer hears of the refund
        move_meeting(order, meeting, Status.CANCELLED, by=None, mail_to=Offer.Side.SELLER)
    else:
        mail_on_commit(order_id, Offer.Side.SELLER, "")
    left = {line.pk: line.quantity - line.returned for line in order.lines.all()}
    pieces = {line_id: count for line_id, count in left.items() if count}
    refund_lines(order_id, pieces, reason=reason, by=None, restock=True)
    return True
