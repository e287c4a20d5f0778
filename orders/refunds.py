"""Giving money of an order back: the one way, so that no sequence of refunds adds up to another sum than was paid."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import StockMovement
from catalog.stock import give_back_stock
from common.errors import DomainError
from orders import ledger, signals
from orders.deals.taking import give_back_running_deals
from orders.models import Order, OrderLine, OrderLog, Payment, Refund, RefundLine
from orders.moves import lock_order, move_order, note_returned
from orders.sharing import part_so_far, share

Status = Order.Status

REFUNDABLE = (
    Status.PAID,
    Status.PREPARING,
    Status.SHIPPED,
    Status.DELIVERED,
    Status.RETURN_ASKED,
    Status.RETURNED,
    Status.CONFIRMED,
)
NOT_SENT_YET = (Status.PAID, Status.PREPARING)


class NotRefundable(DomainError):
    """The order is not paid, or went back already: whole, or as many pieces (or won of shipping) as are asked for."""

    code = "not_refundable"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a refund consists of, in won; `lines` is {line id: won}."""

    lines: dict[int, int]
    shipping: int

    @property
    def amount(self) -> int:
        return sum(self.lines.values()) + self.shipping


@transaction.atomic
def refund_lines(
    order_id: int,
    pieces: Mapping[int, int],
    *,
    reason: str,
    by: User | None,
    restock: bool,
    shipping: int | None = None,
    way_back: int = 0,
) -> Refund | None:
    """Give back the money of {line id: pieces}; the provider is asked after the commit, and again until it is done.

    `shipping` is that part of the shipping which goes back with it; None: all that is left of it goes with the last
    piece. A paid order that nobody prepares yet and that goes back whole gives its pieces back to running deals too.
    `way_back` is what the buyer pays for the way back: it is taken off, but never more than there is. Pieces
    that do not return to the shelf (`restock` False) are written off, so that the counts stay explained.
    None where nothing was paid for these pieces: they count as returned, and no money moves. Raises NotRefundable.
    """
    order = lock_order(order_id)
    lines = _lines(order, pieces)
    parts = parts_of(order, lines, pieces, shipping=shipping, way_back=way_back)
    refund = _write(order, parts, pieces, reason)
    for line_id in pieces:
        OrderLine.objects.filter(pk=line_id).update(returned=F("returned") + pieces[line_id])
    note_returned(order, parts.amount)
    note = f"{reason} · {parts.amount:,}"[:200]
    OrderLog.objects.create(order=order, type="order.refund", before=order.status, by=by, note=note)
    if refund is not None and order.confirmed_at is not None:
        ledger.book_refund_owed(refund)
    if all(line.returned + pieces.get(line.pk, 0) == line.quantity for line in lines.values()):
        move_order(order_id, _end_of(order), by=by)
        if order.confirmed_at is None and order.refunded + parts.amount < order.total:
            ledger.book_sale(order)  # what was kept for the way back is the seller's
        if order.status == Status.PAID and restock:
            give_back_running_deals(lines.values(), timezone.now())
    _put_away(lines, pieces, restock=restock, reason=reason, by=by)
    return refund


def parts_of(
    order: Order,
    lines: Mapping[int, OrderLine],
    pieces: Mapping[int, int],
    *,
    shipping: int | None = None,
    way_back: int = 0,
) -> Parts:
    """Return what a refund of {line id: pieces} would consist of; `lines` are all lines of the order, by id.

    Each piece takes its share of the line's price and coupon with it. Raises NotRefundable.
    """
    won = {line_id: _won_of(lines[line_id], pieces[line_id]) for line_id in sorted(pieces)}
    gone = Refund.objects.filter(order=order).aggregate(won=Sum("shipping"))["won"] or 0
    last = all(line.returned + pieces.get(line.pk, 0) == line.quantity for line in lines.values())
    if shipping is None:
        shipping = order.shipping - gone if last else 0
    if not 0 <= shipping <= order.shipping - gone:
        raise NotRefundable(_("배송비를 그만큼 돌려줄 수 없어요."))
    from_shipping = min(way_back, shipping)
    return Parts(lines=_less(won, way_back - from_shipping), shipping=shipping - from_shipping)


def pieces_gone(order: Order) -> int:
    """Return how many pieces of an order went back so far: a form that was sent twice saw another number."""
    return order.lines.aggregate(pieces=Sum("returned"))["pieces"] or 0


def check_unchanged(order: Order, seen: int | None) -> None:
    """Refuse what was asked of a locked order when less had gone back than by now. Raises NotRefundable."""
    if seen is not None and seen != pieces_gone(order):
        raise NotRefundable(_("그사이 환불된 상품이 있어요. 남은 수량을 확인하고 다시 눌러 주세요."))


def _lines(order: Order, pieces: Mapping[int, int]) -> dict[int, OrderLine]:
    """Return all lines of the locked order by id, once the pieces were found to be there to give back."""
    lines = {line.pk: line for line in order.lines.all()}
    if order.status not in REFUNDABLE:
        raise NotRefundable(_("환불할 수 있는 주문이 아니에요."))
    if not pieces or not pieces.keys() <= lines.keys():
        raise NotRefundable(_("환불할 상품을 골라 주세요."))
    for line_id, count in pieces.items():
        if not 0 < count <= lines[line_id].quantity - lines[line_id].returned:
            raise NotRefundable(_("환불할 수 있는 수량보다 많아요."))
    return lines


def _won_of(line: OrderLine, count: int) -> int:
    paid = line.amount - line.discount
    before = part_so_far(paid, line.returned, line.quantity)
    return part_so_far(paid, line.returned + count, line.quantity) - before


def _less(won: dict[int, int], off: int) -> dict[int, int]:
    """Take `off` won from the lines' amounts, from each in proportion; never more than there is."""
    takes = share(min(off, sum(won.values())), list(won.values()))
    return {line_id: amount - take for (line_id, amount), take in zip(won.items(), takes, strict=True)}


def _write(order: Order, parts: Parts, pieces: Mapping[int, int], reason: str) -> Refund | None:
    if parts.amount == 0:
        return None
    payment = Payment.objects.get(checkout=order.checkout_id, status=Payment.Status.CONFIRMED)
    refund = Refund.objects.create(
        payment=payment, order=order, amount=parts.amount, shipping=parts.shipping, reason=reason[:100]
    )
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line_id=line_id, quantity=pieces[line_id], amount=amount)
        for line_id, amount in parts.lines.items()
    )
    transaction.on_commit(lambda: signals.refund_asked.send_robust(Refund, refund_id=refund.pk), robust=True)
    return refund


def _end_of(order: Order) -> str:
    return Status.CANCELLED if order.status in NOT_SENT_YET else Status.REFUNDED


def _put_away(
    lines: Mapping[int, OrderLine], pieces: Mapping[int, int], *, restock: bool, reason: str, by: User | None
) -> None:
    """The stock comes last: from here to the commit other buyers of the variants wait."""
    counts = {lines[line_id].variant_id: count for line_id, count in pieces.items()}
    if restock:
        give_back_stock(counts)
        return
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=pk, kind=StockMovement.Kind.LOST, quantity=-counts[pk], reason=reason[:100], by=by
        )
        for pk in sorted(counts)
    )
