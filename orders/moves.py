"""The one way a checkout, an order or a payment changes its status, always under the lock of its row.

Rows are locked in one order everywhere: the checkout, its orders by id, deals by id, stock by id.
"""

from collections import Counter

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from catalog.stock import give_back_stock
from common.deadlocks import again_after_deadlock
from common.errors import IllegalMove
from common.prepared import Prepared, PreparedUpdate, insert, update
from orders import signals
from orders.deals.taking import give_back_deals
from orders.models import Checkout, CouponClaim, Order, OrderLine, OrderLog, Payment

Status = Order.Status
PaymentStatus = Payment.Status

MOVES: dict[str, set[str]] = {
    Status.PLACED: {Status.PAID, Status.FAILED, Status.CANCELLED, Status.EXPIRED},
    Status.PAID: {Status.PREPARING, Status.SHIPPED, Status.DELIVERED, Status.CANCELLED},
    Status.PREPARING: {Status.SHIPPED, Status.DELIVERED, Status.CANCELLED},
    Status.SHIPPED: {Status.DELIVERED, Status.RETURN_ASKED, Status.REFUNDED},
    Status.DELIVERED: {Status.CONFIRMED, Status.RETURN_ASKED, Status.REFUNDED},
    Status.RETURN_ASKED: {Status.RETURNED, Status.SHIPPED, Status.DELIVERED, Status.REFUNDED},
    Status.RETURNED: {Status.REFUNDED, Status.DELIVERED},
    Status.CONFIRMED: {Status.REFUNDED},
    Status.REFUNDED: set(),
    Status.CANCELLED: set(),
    Status.FAILED: set(),
    Status.EXPIRED: set(),
}
"""Paid straight to delivered: what is handed over in person. Confirmed to refunded: staff's decision of a dispute.
To refunded without a return: the seller does not want the goods. From "return asked" back: the buyer thought again,
or a part came back and the rest stays."""

PAYMENT_MOVES: dict[str, set[str]] = {
    PaymentStatus.STARTED: {
        PaymentStatus.CONFIRMED,
        PaymentStatus.FAILED,
        PaymentStatus.CANCELLED,
        PaymentStatus.STRAY,
    },
    PaymentStatus.CONFIRMED: set(),
    PaymentStatus.FAILED: set(),
    PaymentStatus.CANCELLED: {PaymentStatus.STRAY},
    PaymentStatus.STRAY: set(),
}
"""Cancelled to stray: a provider that knew of no payment may still have taken one."""

_TIMES = {
    Status.PAID: "paid_at",
    Status.SHIPPED: "shipped_at",
    Status.DELIVERED: "delivered_at",
    Status.CONFIRMED: "confirmed_at",
    Status.REFUNDED: "closed_at",
    Status.CANCELLED: "closed_at",
}


def lock_checkout(checkout_id: int) -> Checkout:
    """Return the row, held until the transaction ends."""
    return _locked.get(checkout_id)


_locked = Prepared(lambda pk: Checkout.objects.select_for_update().filter(pk=pk))


def lock_order(order_id: int) -> Order:
    """Return the row, held until the transaction ends."""
    return Order.objects.select_for_update().get(pk=order_id)


@again_after_deadlock
@transaction.atomic
def close_checkout(checkout_id: int, to: str, *, by: User | None = None) -> bool:
    """End an open checkout and bring its orders along. False if it ended so before; IllegalMove if otherwise."""
    checkout = lock_checkout(checkout_id)
    if checkout.status == to:
        return False
    if not checkout.is_open:
        raise IllegalMove(checkout.status, to)
    close_locked(checkout, to, by=by)
    return True


def close_locked(checkout: Checkout, to: str, *, by: User | None = None) -> int:
    """End a checkout that this transaction locked and found open; return how many orders it has, none for a tip.

    One that comes to nothing gives pieces, deals and coupon back here and nowhere else, so exactly once.
    Call this last in a transaction: from then to the commit other buyers of the variants wait.
    """
    assert connection.in_atomic_block, "a checkout ends under its lock"  # noqa: S101
    now = timezone.now()
    checkout_id = checkout.pk
    checkout.status, checkout.closed_at = to, now
    update(checkout, "status", "closed_at")
    order_ids = [order.pk for order in _orders.rows(checkout_id)]
    close_orders = _orders_paid if to == Checkout.Status.PAID else _orders_closed
    close_orders(checkout_id, to, now)
    if order_ids:
        insert(*(OrderLog(order_id=pk, type=f"order.{to}", before=Status.PLACED, by=by) for pk in order_ids))
    if to != Checkout.Status.PAID:
        transaction.on_commit(
            lambda: signals.checkout_ended.send_robust(Checkout, checkout_id=checkout_id), robust=True
        )
        _give_back(checkout_id, order_ids)
    return len(order_ids)


_orders = Prepared(lambda checkout: Order.objects.only("pk").filter(checkout=checkout).order_by("pk"))
_orders_paid = PreparedUpdate(
    lambda checkout, status, now: (
        Order.objects.filter(checkout=checkout),
        {"status": status, "paid_at": now},
    )
)
_orders_closed = PreparedUpdate(
    lambda checkout, status, now: (
        Order.objects.filter(checkout=checkout),
        {"status": status, "closed_at": now},
    )
)


def _give_back(checkout_id: int, order_ids: list[int]) -> None:
    lines = list(OrderLine.objects.filter(order__in=order_ids).select_related("order"))
    CouponClaim.objects.filter(checkout=checkout_id).update(checkout=None)
    give_back_deals(lines)
    pieces: Counter[int] = Counter()
    for line in lines:
        pieces[line.variant_id] += line.quantity
    give_back_stock(pieces)


@transaction.atomic
def move_order(order_id: int, to: str, *, by: User | None = None, note: str = "") -> bool:
    """Make one allowed move of a paid order. False if it was made already; IllegalMove if it may not be."""
    order = lock_order(order_id)
    if order.status == to:
        return False
    if to not in MOVES[order.status] or order.status == Status.PLACED:
        raise IllegalMove(order.status, to)
    OrderLog.objects.create(order=order, type=f"order.{to}", before=order.status, by=by, note=note)
    changes: dict[str, object] = {"status": to}
    field = _TIMES.get(Status(to))
    if field and getattr(order, field) is None:  # who comes back from "return asked" was delivered before
        changes[field] = timezone.now()
    Order.objects.filter(pk=order_id).update(**changes)
    before = order.status
    transaction.on_commit(
        lambda: signals.order_moved.send_robust(Order, order_id=order_id, before=before, to=to), robust=True
    )
    return True


def move_payment(payment: Payment, to: str) -> None:
    """Make one allowed move of a payment, read after its checkout was locked; `paid` and `provider_ref` go along."""
    assert connection.in_atomic_block, "a payment moves under the lock of its checkout"  # noqa: S101
    if to not in PAYMENT_MOVES[payment.status]:
        raise IllegalMove(payment.status, to)
    payment.status = to
    if to == PaymentStatus.CONFIRMED:
        payment.confirmed_at = timezone.now()
    update(payment, "status", "paid", "confirmed_at", "provider_ref")


def note_returned(order: Order, amount: int) -> None:
    """Count won that go back to the buyer; the order is locked. The database refuses more than was paid."""
    Order.objects.filter(pk=order.pk).update(refunded=F("refunded") + amount)
