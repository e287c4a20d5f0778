"""Meetings: where and when a direct deal is handed over.

Every change happens under the lock of the order. The money is held the whole time: it goes to the seller with the
hand-over code (`orders.second_hand.hand_over`), and back to the buyer when nobody met (`orders.second_hand.no_show`).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from common.errors import DomainError, IllegalMove
from orders.disputes import is_open
from orders.models import Meeting, Offer, Order, OrderLog
from orders.moves import lock_order
from orders.second_hand.codes import new_digest
from orders.second_hand.news import other, tell_about_meeting

Status, Side = Meeting.Status, Offer.Side

MOVES: dict[str, set[str]] = {
    Status.PROPOSED: {Status.PROPOSED, Status.AGREED, Status.DONE, Status.CANCELLED},
    Status.AGREED: {Status.PROPOSED, Status.MISSED, Status.DONE, Status.CANCELLED},
    Status.MISSED: {Status.PROPOSED, Status.AGREED, Status.DONE, Status.CANCELLED},
    Status.DONE: set(),
    Status.CANCELLED: set(),
}
"""From "missed" back: who waited gives another chance, or the other says it is not so and the staff look into it.
Done without "agreed": they met all the same."""

FARTHEST = timedelta(days=30)
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
    move_meeting(order, meeting, Status.PROPOSED, by=by, mail_to=other(side))
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
    move_meeting(order, meeting, Status.AGREED, by=by, mail_to=other(side))
    return meeting


def lock_deal(order_id: int) -> tuple[Order, Meeting | None]:
    """Return the order, held until the transaction ends, and its meeting if there is one.

    Raises MeetingRefused for what is not handed over in person, not paid, over, or with the staff.
    """
    order = lock_order(order_id)
    if order.deal != Product.Deal.DIRECT:
        raise MeetingRefused(_("직거래 주문이 아니에요."))
    if order.status not in OPEN_ORDERS:
        raise MeetingRefused(_("이미 끝났거나 결제되지 않은 주문이에요."))
    if is_open(order):
        raise MeetingRefused(_("운영팀이 확인하고 있는 주문이에요. 결정이 나면 알려 드려요."))
    return order, Meeting.objects.filter(order=order).first()


def move_meeting(order: Order, meeting: Meeting, to: str, *, by: User | None, mail_to: str = "") -> None:
    """Make one allowed move of the meeting of a locked order, and save what was changed with it."""
    before = meeting.status if meeting.pk else ""
    if before and to not in MOVES[before]:
        raise IllegalMove(before, to)
    meeting.status = to
    meeting.save()
    note = f"{meeting.place} {timezone.localtime(meeting.at):%Y-%m-%d %H:%M}"
    OrderLog.objects.create(order=order, type=f"meeting.{to}", before=before, by=by, note=note)
    tell_about_meeting(order, meeting, mail_to=mail_to)
