"""The end of a good order: it arrived, and it is the seller's for good; by a word of the buyer or by time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError, IllegalMove
from orders import ledger, signals
from orders.disputes import is_open
from orders.models import Claim, Dispute, Order, OrderLog
from orders.moves import lock_order, move_order
from orders.terms import confirm_from, end_of_day

Status = Order.Status

UNDERWAY = (Status.PAID, Status.PREPARING, Status.SHIPPED)
NOTICE = timedelta(days=1)
"""So long before it confirms an order by itself, the site writes to the buyer."""
WARNED = "order.confirm_soon"
A_ROUND = 500


class StillOpen(DomainError):
    """Somebody wants something back: nothing is final before that is settled."""

    code = "still_open"


@transaction.atomic
def deliver_order(order_id: int, *, by: User | None, note: str = "") -> bool:
    """Say that the goods are with the buyer. False if that was said before. Raises IllegalMove."""
    order = lock_order(order_id)
    if order.delivered_at is not None:
        return False
    if order.status not in UNDERWAY:  # back from "return asked" leads another road: `orders.claims`
        raise IllegalMove(order.status, Status.DELIVERED)
    return move_order(order_id, Status.DELIVERED, by=by, note=note)


@transaction.atomic
def confirm_order(order_id: int, *, by: User | None, note: str = "") -> bool:
    """The buyer keeps it: the money is the seller's. False if it was confirmed before.

    Raises StillOpen, IllegalMove.
    """
    order = lock_order(order_id)
    if order.status == Status.CONFIRMED:
        return False
    if is_open(order) or order.claims.filter(status__in=Claim.OPEN).exists():
        raise StillOpen(_("처리 중인 요청이 끝나면 구매를 확정할 수 있어요."))
    move_order(order_id, Status.CONFIRMED, by=by, note=note)
    ledger.book_sale(order)
    return True


def deliver_late(now: datetime) -> int:
    """Take parcels for delivered that have been on their way for long; return how many."""
    late = Order.objects.filter(
        status=Status.SHIPPED, shipped_at__lte=now - timedelta(days=settings.AUTO_DELIVER_DAYS)
    )
    ids = late.exclude(_disputed()).order_by("shipped_at").values_list("pk", flat=True)
    return sum(_deliver(order_id) for order_id in list(ids[:A_ROUND]))


def warn_of_confirming(now: datetime) -> int:
    """Write to the buyers of orders that will be confirmed by themselves within a day; return how many."""
    warned = OrderLog.objects.filter(order=OuterRef("pk"), type=WARNED)
    return _up_to_a_round(_warn, _due(_quiet().exclude(Exists(warned)), now + NOTICE), now)


def confirm_silent(now: datetime) -> int:
    """Confirm what was delivered long ago, of which the buyer was told a day before; return how many."""
    warned = OrderLog.objects.filter(order=OuterRef("pk"), type=WARNED, at__lte=now - NOTICE)
    return _up_to_a_round(_confirm, _due(_quiet().filter(Exists(warned)), now), now)


def _quiet() -> QuerySet[Order]:
    """Delivered orders of which nobody wants anything back."""
    asked = Claim.objects.filter(order=OuterRef("pk"), status__in=Claim.OPEN)
    return Order.objects.filter(status=Status.DELIVERED).exclude(_disputed()).exclude(Exists(asked))


def _due(orders: QuerySet[Order], now: datetime) -> Iterator[int]:
    """Yield the ids of those whose time is over, as far as their products say now; the card of each decides."""
    old = orders.filter(delivered_at__lte=now - timedelta(days=settings.AUTO_CONFIRM_DAYS))
    days = old.order_by("delivered_at").annotate(days=Max("lines__product__return_days"))
    for order_id, at, longest in list(days.values_list("pk", "delivered_at", "days")):
        if at and now >= end_of_day(at, max(settings.AUTO_CONFIRM_DAYS, longest)):
            yield order_id


def _up_to_a_round(move: Callable[[int, datetime], bool], ids: Iterable[int], now: datetime) -> int:
    """Move A_ROUND orders at most. One that is not to be moved yet does not count, so it holds up nobody."""
    moved = (1 for order_id in ids if move(order_id, now))
    return sum(islice(moved, A_ROUND))


def _disputed() -> Exists:
    return Exists(Dispute.objects.filter(order=OuterRef("pk"), status=Dispute.Status.OPEN))


def _deliver(order_id: int) -> bool:
    try:
        return deliver_order(order_id, by=None, note="auto")
    except IllegalMove:  # sent back a moment ago
        return False


@transaction.atomic
def _warn(order_id: int, now: datetime) -> bool:
    order = lock_order(order_id)
    due = confirm_from(order)
    if order.status != Status.DELIVERED or due is None or now < due - NOTICE or order.log.filter(type=WARNED):
        return False
    OrderLog.objects.create(order=order, type=WARNED, before=order.status)
    transaction.on_commit(lambda: signals.confirming_soon.send_robust(Order, order_id=order_id), robust=True)
    return True


@transaction.atomic
def _confirm(order_id: int, now: datetime) -> bool:
    order = lock_order(order_id)
    due = confirm_from(order)
    if order.status != Status.DELIVERED or due is None or now < due:
        return False
    try:
        return confirm_order(order_id, by=None, note="auto")
    except StillOpen:  # asked for a moment ago
        return False
