"""The one way an order or a payment changes its status, always under the lock of the order's row."""

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.stock import give_back_stock
from common.errors import IllegalMove
from orders.models import Order, OrderLog, Payment

Status = Order.Status
PaymentStatus = Payment.Status

MOVES: dict[str, set[str]] = {
    Status.PENDING: {Status.PAID, Status.FAILED, Status.CANCELLED, Status.EXPIRED},
    Status.PAID: set(),
    Status.FAILED: set(),
    Status.CANCELLED: set(),
    Status.EXPIRED: set(),
}
PAYMENT_MOVES: dict[str, set[str]] = {
    PaymentStatus.STARTED: {
        PaymentStatus.CONFIRMED,
        PaymentStatus.FAILED,
        PaymentStatus.CANCELLED,
        PaymentStatus.REFUNDING,
    },
    PaymentStatus.CONFIRMED: set(),
    PaymentStatus.FAILED: set(),
    PaymentStatus.CANCELLED: set(),
    PaymentStatus.REFUNDING: {PaymentStatus.REFUNDED},
    PaymentStatus.REFUNDED: set(),
}


def lock_order(order_id: int) -> Order:
    """Return the row, held until the transaction ends."""
    return Order.objects.select_for_update().get(pk=order_id)


@transaction.atomic
def move_order(order_id: int, to: str, *, by: User | None = None) -> bool:
    """Make one allowed move. False if it was made already; IllegalMove if it may not be.

    An order that comes to nothing gives its stock back here and nowhere else, so exactly once. Call this last in
    a transaction: from then to the commit other buyers of the products wait.
    """
    order = lock_order(order_id)
    if order.status == to:
        return False
    if to not in MOVES[order.status]:
        raise IllegalMove(order.status, to)
    OrderLog.objects.create(order=order, type=f"order.{to}", before=order.status, by=by)
    order.status = to
    if to == Status.PAID:
        order.paid_at = timezone.now()
    else:
        order.closed_at = timezone.now()
    order.save(update_fields=["status", "paid_at", "closed_at"])
    if to != Status.PAID:
        give_back_stock(dict(order.lines.values_list("product_id", "quantity")))
    return True


def move_payment(payment: Payment, to: str) -> None:
    """Make one allowed move of a payment, read after its order was locked."""
    assert connection.in_atomic_block, "a payment moves under the lock of its order"  # noqa: S101
    if to not in PAYMENT_MOVES[payment.status]:
        raise IllegalMove(payment.status, to)
    OrderLog.objects.create(order_id=payment.order_id, type=f"payment.{to}", before=payment.status)
    payment.status = to
    match to:
        case PaymentStatus.CONFIRMED:
            payment.confirmed_at = timezone.now()
        case PaymentStatus.REFUNDED:
            payment.refunded_at = timezone.now()
    payment.save(update_fields=["status", "confirmed_at", "refunded_at", "provider_ref"])
