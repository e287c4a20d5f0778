"""Meetings: where and when a direct deal is handed over, and what happens when one side does not come.

Every change happens under the lock of the order. The money is held the whole time: it goes to the seller with the
hand-over code (`orders.second_hand.hand_over`), and back to the buyer when nobody met.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from common.errors import DomainError, IllegalMove
from orders.models import Meeting, Offer, Order, OrderLog
from orders.moves import lock_order
from orders.refunds import refund_lines
from orders.second_hand.codes import new_digest
from orders.second_hand.news import other, tell_about_meeting

Status, Side = Meeting.Status, Offer.Side

MOVES: dict[str, set[str]] = {
    Status.PROPOSED: {Status.PROPOSED, Status.AGREED, Status.DONE, Status.CANCELLED},
    Status.AGREED: {Status.PROPOSED, Status.MISSED, Status.DONE, Status.CANCELLED},
    Status.MISSED: {Status.PROPOSED, Status.DONE, Status.CANCELLED},
    Status.DONE: set(),
    Status.CANCELLED: set(),
}
"""From "missed" back: who waited gives another chance. Done without "agreed": they met all the same."""

FARTHEST = timedelta(days=30)
PATIENCE = timedelta(minutes=15)
"""How late somebody may be before the other may say so."""
OPEN_ORDERS = (Order.Status.PAID, Order.Status.PREPARING)
"""Paid, and not handed over yet."""


class MeetingRefused(DomainError):
    """Not this order, not this side, not this time."""

    code = "meeting_refused"


@transaction.atomic
def propose_meeting(order_id: int, side: str, *, place: str, at: datetime, by: User | None) -> Meeting:
    """Name a place and a time, at first or instead of those that stand. Raises MeetingRefused."""
    order, meeting = lock_deal(order_id)
    now = timezone.now()
    if not now < at <= now + FARTHEST:
        raise MeetingRefused(_("지금부터 30일 안의 시간을 골라 주세요."))
    if meeting is None:
        meeting = Meeting(order=order, code_digest=new_digest(order))
    elif meeting.status == Status.MISSED and meeting.missed_by == side:
        raise MeetingRefused(_("만나지 못했다는 신고가 있어요. 사실과 다르면 이의를 제기해 주세요."))
    meeting.place, meeting.at, meeting.proposed_by = place, at, side
    meeting.missed_by, meeting.reminded_at = "", None
    _move(order, meeting, Status.PROPOSED, by=by, mail_to=other(side))
    return meeting


@transaction.atomic
def agree_meeting(order_id: int, side: str, *, seen_at: datetime, by: User | None) -> Meeting:
    """Say yes to what the other side proposed, if it is still what was seen. Raises MeetingRefused."""
    order, meeting = lock_deal(order_id)
    if meeting is None or meeting.status not in (Status.PROPOSED, Status.AGREED):
        raise MeetingRefused(_("아직 약속 제안이 없어요. 시간과 장소를 제안해 주세요."))
    if abs(meeting.at - seen_at) >= timedelta(minutes=1):
        raise MeetingRefused(_("그사이 약속이 바뀌었어요. 새 시간과 장소를 확인해 주세요."))
    if meeting.status == Status.AGREED:  # pressed twice
        return meeting
    if meeting.proposed_by == side:
        raise MeetingRefused(_("상대방의 답을 기다리고 있어요."))
    if meeting.at <= timezone.now():
        raise MeetingRefused(_("이미 지난 시간이에요. 새 시간을 제안해 주세요."))
    _move(order, meeting, Status.AGREED, by=by, mail_to=other(side))
    return meeting


@transaction.atomic
def report_missed(order_id: int, side: str, *, by: User | None) -> Meeting:
    """Say that the other side did not come. Raises MeetingRefused."""
    order, meeting = lock_deal(order_id)
    if meeting is not None and meeting.status == Status.MISSED and meeting.missed_by == other(side):
        return meeting
    if meeting is None or not may_report(meeting, timezone.now()):
        raise MeetingRefused(_("약속 시간에서 15분이 지나야 신고할 수 있어요."))
    meeting.missed_by = other(side)
    _move(order, meeting, Status.MISSED, by=by, mail_to=meeting.missed_by)
    return meeting


def may_report(meeting: Meeting, now: datetime) -> bool:
    """Whether it may be said by now that somebody did not come."""
    return meeting.status == Status.AGREED and now >= meeting.at + PATIENCE


def contest_until(meeting: Meeting) -> datetime | None:
    """Until when the side that is said to have missed it may say otherwise; None where nobody said so."""
    if meeting.status != Status.MISSED:
        return None
    said = OrderLog.objects.filter(order=meeting.order_id, type=f"meeting.{Status.MISSED}").last()
    return said.at + timedelta(hours=settings.NO_SHOW_HOURS) if said else None


@transaction.atomic
def undo_sale(order_id: int, *, reason: str) -> bool:
    """Give the buyer everything back and the pieces to the shelf, because nobody met; whether it was so."""
    order = lock_order(order_id)
    if order.status not in OPEN_ORDERS:
        return False
    meeting = Meeting.objects.filter(order=order).first()
    if meeting is not None:
        _move(order, meeting, Status.CANCELLED, by=None, mail_to=Side.SELLER)  # the buyer hears of the refund
    left = {line.pk: line.quantity - line.returned for line in order.lines.all()}
    pieces = {line_id: count for line_id, count in left.items() if count}
    refund_lines(order_id, pieces, reason=reason, by=None, restock=True)
    return True


def lock_deal(order_id: int) -> tuple[Order, Meeting | None]:
    """Return the order, held until the transaction ends, and its meeting if there is one.

    Raises MeetingRefused for what is not handed over in person, not paid, or over.
    """
    order = lock_order(order_id)
    if order.deal != Product.Deal.DIRECT:
        raise MeetingRefused(_("직거래 주문이 아니에요."))
    if order.status not in OPEN_ORDERS:
        raise MeetingRefused(_("이미 끝났거나 결제되지 않은 주문이에요."))
    return order, Meeting.objects.filter(order=order).first()


def finish(order: Order, meeting: Meeting, *, by: User | None, mail_to: str) -> None:
    """Note on a locked order that the goods changed hands."""
    _move(order, meeting, Status.DONE, by=by, mail_to=mail_to)


def _move(order: Order, meeting: Meeting, to: str, *, by: User | None, mail_to: str) -> None:
    """Make one allowed move of the meeting of a locked order, and save what was changed with it."""
    before = meeting.status if meeting.pk else ""
    if before and to not in MOVES[before]:
        raise IllegalMove(before, to)
    meeting.status = to
    meeting.save()
    note = f"{meeting.place} {timezone.localtime(meeting.at):%Y-%m-%d %H:%M}"
    OrderLog.objects.create(order=order, type=f"meeting.{to}", before=before, by=by, note=note)
    tell_about_meeting(order, meeting, mail_to=mail_to)
