"""What becomes of a meeting whose order ended another way than by handing over: cancelled, or decided by the staff.

Orders know nothing of meetings; this follows their news, and a sweep what the news missed. Before it did, the status
of the order alone keeps code, proposals and reminders from working (`orders.second_hand.meetings.lock_deal`).
"""

from typing import Any

from django.db import transaction

from accounts.models import User
from catalog.models import Product
from orders.models import Claim, Meeting, Offer, Order, OrderLog
from orders.moves import lock_order
from orders.second_hand.meetings import MOVES, move_meeting
from orders.second_hand.news import mail_on_commit, other

Status, Side = Order.Status, Offer.Side

ENDS: dict[str, str] = {
    Status.CANCELLED: Meeting.Status.CANCELLED,
    Status.REFUNDED: Meeting.Status.CANCELLED,
    Status.DELIVERED: Meeting.Status.DONE,
    Status.CONFIRMED: Meeting.Status.DONE,
}
"""{status of an order: what its meeting ends as}."""


def on_order_moved(sender: object, *, order_id: int, to: str, **_: Any) -> None:  # noqa: ANN401 Django's signature
    if to in ENDS and Meeting.objects.filter(order=order_id, order__deal=Product.Deal.DIRECT).exists():
        end_meeting(order_id)


@transaction.atomic
def end_meeting(order_id: int) -> bool:
    """End the meeting of an order that is over, if it did not end before; whether it did now.

    Who did not cancel the order is told that nobody comes. Of a decision of the staff both are told elsewhere.
    """
    order = lock_order(order_id)
    meeting = Meeting.objects.filter(order=order).first()
    end = ENDS.get(order.status)
    if meeting is None or end is None or end not in MOVES[meeting.status]:
        return False
    log = OrderLog.objects.filter(order=order, type=f"order.{order.status}").select_related("by").last()
    by = log.by if log else None
    move_meeting(order, meeting, end, by=by)
    if end == Meeting.Status.CANCELLED:
        for side in _who_hears(order, by):
            mail_on_commit(order.pk, side, meeting.status)
    return True


def _who_hears(order: Order, by: User | None) -> list[str]:
    """Return the sides that did not cancel the order themselves."""
    if by is not None and by.pk == order.seller_id:
        return [other(Side.SELLER)]
    if by is not None and by.pk == order.buyer_id:
        return [other(Side.BUYER)]
    if by is None and _cancelled_by_guest(order):
        return [other(Side.BUYER)]
    return list(Side.values)


def _cancelled_by_guest(order: Order) -> bool:
    """Whether a buyer without an account cancelled it, before anybody was asked."""
    done = order.claims.filter(kind=Claim.Kind.CANCEL, status=Claim.Status.DONE, answered_at=None)
    return order.buyer_id is None and done.exists()
