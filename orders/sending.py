"""What the seller does with a paid order: prepare it, send it, and put a wrong parcel number right."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from common.errors import DomainError, IllegalMove
from orders.carriers import clean_tracking
from orders.models import Claim, Order, OrderLog
from orders.moves import lock_order, move_order

Status = Order.Status
TO_SEND = (Status.PAID, Status.PREPARING)


class NotSendable(DomainError):
    """The order is handed over in person, over, or the buyer wants it cancelled."""

    code = "not_sendable"


@transaction.atomic
def prepare_order(order_id: int, *, by: User | None) -> bool:
    """Say that the goods are being packed: from now on a cancellation needs the seller's yes.

    Raises NotSendable for what is handed over in person, IllegalMove.
    """
    _check_parcel(lock_order(order_id))
    return move_order(order_id, Status.PREPARING, by=by)


@transaction.atomic
def ship_order(order_id: int, *, carrier: str, number: str, by: User | None) -> bool:
    """Note how it was sent; again with another number puts that right. False if that stood there already.

    Raises WrongTracking, NotSendable.
    """
    number = clean_tracking(carrier, number)
    order = lock_order(order_id)
    check_sendable(order)
    if (order.carrier, order.tracking_number) == (carrier, number):
        return False
    Order.objects.filter(pk=order_id).update(carrier=carrier, tracking_number=number)
    note = f"{carrier} {number}"
    if order.status == Status.SHIPPED:
        OrderLog.objects.create(order=order, type="order.tracking", before=order.status, by=by, note=note)
        return True
    try:
        return move_order(order_id, Status.SHIPPED, by=by, note=note)
    except IllegalMove as error:
        raise NotSendable(_("보낼 수 있는 주문이 아니에요.")) from error


def check_sendable(order: Order) -> None:
    """Refuse what may not be sent (now). Raises NotSendable."""
    _check_parcel(order)
    if order.status not in (*TO_SEND, Status.SHIPPED):
        raise NotSendable(_("보낼 수 있는 주문이 아니에요."))
    if order.claims.filter(kind=Claim.Kind.CANCEL, status=Claim.Status.ASKED).exists():
        raise NotSendable(_("취소 요청이 들어온 주문이에요. 요청에 먼저 답해 주세요."))


def _check_parcel(order: Order) -> None:
    if order.deal == Product.Deal.DIRECT:
        raise NotSendable(_("직거래는 만나서 건네는 주문이에요. 약속을 정하고 물건을 건네 주세요."))
