"""Writing the books: each happening once, each row a whole double entry (`orders.models.Transfer`).

Call these inside the transaction that does what they book. Booked twice, a happening raises IntegrityError.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Sum

from accounts.models import User
from common.prepared import insert
from orders.commission import rate_for
from orders.models import AdDay, Order, OrderLine, Payment, Refund, Settlement, Transfer
from orders.sharing import basis_points, part_so_far, share

Account, Kind = Transfer.Account, Transfer.Kind


def book_payment(payment: Payment, *, fee_basis_points: int) -> None:
    """A buyer paid: the provider owes it to us, we keep it for the buyer until the orders are confirmed.

    The provider's fee is the platform's.
    """
    rows = [
        Transfer(
            kind=Kind.PAYMENT,
            debit=Account.PROVIDER,
            credit=Account.HELD,
            amount=payment.paid,
            payment=payment,
            once=f"payment:{payment.ref}",
        )
    ]
    if fee := basis_points(payment.paid, fee_basis_points):
        rows.append(
            Transfer(
                kind=Kind.PAYMENT_FEE,
                debit=Account.FEES,
                credit=Account.PROVIDER,
                amount=fee,
                payment=payment,
                once=f"fee:{payment.ref}",
            )
        )
    insert(*rows)


def book_stray(payment: Payment) -> None:
    """Money came that no order may take; a refund follows."""
    Transfer.objects.create(
        kind=Kind.STRAY,
        debit=Account.PROVIDER,
        credit=Account.HELD,
        amount=payment.paid,
        payment=payment,
        once=f"payment:{payment.ref}",
    )


def book_refund(refund: Refund) -> None:
    """The provider gave money back to the buyer; what was kept for the buyer shrinks."""
    _book_refund(refund, Account.PROVIDER)


def book_refund_by_hand(refund: Refund, *, note: str) -> None:
    """As `book_refund`, for money that went from our bank account: the provider still owes it to us."""
    _book_refund(refund, Account.PAID_OUT, note=note)


def _book_refund(refund: Refund, credit: str, *, note: str = "") -> None:
    """Under one name however it was paid: no refund is paid both ways."""
    Transfer.objects.create(
        kind=Kind.REFUND,
        debit=Account.HELD,
        credit=credit,
        amount=refund.amount,
        payment=refund.payment,
        order=refund.order,
        refund=refund,
        once=f"refund:{refund.key}",
        note=note,
    )


def book_sale(order: Order) -> None:
    """The order is the seller's for good: what did not go back to the buyer, and the platform's part of its coupon.

    The seller pays commission on the goods that were kept, line by line, at the rate of now; shipping is free of it.
    The order is locked. Also for one that went back whole, but for what the buyer pays for the way back.
    """
    amounts = Order.objects.only("total", "refunded", "platform_discount").get(pk=order.pk)
    lines = list(order.lines.select_related("product__category"))
    platform = platform_parts(amounts.platform_discount, lines)
    rows = [
        _row(Kind.SALE, Account.HELD, Account.SELLER, amounts.total - amounts.refunded, order, "sale"),
        _row(
            Kind.COUPON,
            Account.COUPONS,
            Account.SELLER,
            coupon_of(platform, lines),
            order,
            "coupon",
        ),
    ]
    for line in lines:
        points = line.commission_points = rate_for(order.seller_id, line.product.category)
        rows.append(
            _row(
                Kind.COMMISSION,
                Account.SELLER,
                Account.COMMISSION,
                commission_of(line, platform[line.pk], line.returned, points),
                order,
                "commission",
                line=line,
                note=f"{line.name} {points / 100:.2f} %",
            )
        )
    OrderLine.objects.bulk_update(lines, ["commission_points"])
    Transfer.objects.bulk_create(row for row in rows if row.amount)


def book_refund_owed(refund: Refund) -> None:
    """A confirmed order is refunded: the seller gives it back, and gets the commission on it back.

    Call it once the lines' `returned` count the refund's pieces. The part of the coupon that the platform bore goes
    back to the platform. `book_refund` follows when the provider has paid.
    """
    assert refund.order is not None, "a stray payment was never a seller's"  # noqa: S101 for the type checker
    order = refund.order
    gone = dict(refund.lines.values_list("line").annotate(pieces=Sum("quantity")))
    lines = list(order.lines.all())
    rows = [_row(Kind.REFUND, Account.SELLER, Account.HELD, refund.amount, order, "owed", refund=refund)]
    platform = platform_parts(order.platform_discount, lines)
    coupon_back = _booked(order, Kind.COUPON) - coupon_of(platform, lines)
    rows.append(
        _row(Kind.COUPON, Account.SELLER, Account.COUPONS, coupon_back, order, "coupon-back", refund=refund)
    )
    commission = commission_by_line(Transfer.objects.filter(order=order, kind=Kind.COMMISSION))
    for line in lines:
        pieces = line.quantity - line.returned
        left, before = commission.get(str(line.pk), 0), pieces + gone.get(line.pk, 0)
        back = left - part_so_far(left, pieces, before) if before else left
        rows.append(
            _row(
                Kind.COMMISSION,
                Account.COMMISSION,
                Account.SELLER,
                back,
                order,
                "commission-back",
                line=line,
                refund=refund,
            )
        )
    Transfer.objects.bulk_create(row for row in rows if row.amount)


def book_payout(settlement: Settlement, *, note: str) -> None:
    """A seller was paid what a statement says."""
    Transfer.objects.create(
        kind=Kind.PAYOUT,
        debit=Account.SELLER,
        credit=Account.PAID_OUT,
        amount=settlement.total,
        seller=settlement.seller,
        settlement=settlement,
        once=f"payout:{settlement.code}",
        note=note,
    )


def book_ad(day: AdDay) -> None:
    """A seller owes us the clicks of an advertisement's day that are not booked yet; the row is locked."""
    Transfer.objects.create(
        kind=Kind.AD,
        debit=Account.SELLER,
        credit=Account.ADS,
        amount=day.cost - day.booked,
        seller=day.ad.seller,
        once=f"ad:{day.ad.code}:{day.day:%Y%m%d}:{day.cost}",
        note=f"{day.ad.product.name} {day.day:%Y-%m-%d}",
    )


def book_correction(seller: User, amount: int, *, reason: str, key: str) -> Transfer:
    """Staff put something right: above zero the seller gets so many won, below zero owes them; our loss or gain.

    The same `key` again raises IntegrityError: a form sent twice is one correction.
    """
    debit, credit = (Account.LOSSES, Account.SELLER) if amount > 0 else (Account.SELLER, Account.LOSSES)
    return Transfer.objects.create(
        kind=Kind.CORRECTION,
        debit=debit,
        credit=credit,
        amount=abs(amount),
        seller=seller,
        once=f"correction:{key}",
        note=reason,
    )


def _row(
    kind: Transfer.Kind,
    debit: str,
    credit: str,
    amount: int,
    order: Order,
    name: str,
    *,
    line: OrderLine | None = None,
    refund: Refund | None = None,
    note: str = "",
) -> Transfer:
    """A row about an order's seller. A line's id ends the name of what is about the line."""
    once = f"{name}:{refund.key if refund else order.code}" + (f":{line.pk}" if line else "")
    return Transfer(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        seller_id=order.seller_id,
        order=order,
        refund=refund,
        once=once,
        note=note,
    )


def platform_parts(platform_discount: int, lines: Sequence[OrderLine]) -> dict[int, int]:
    """Return how much of each line's discount the platform bears: {line id: won}."""
    parts = share(platform_discount, [line.discount for line in lines])
    return {line.pk: part for line, part in zip(lines, parts, strict=True)}


def coupon_of(platform: Mapping[int, int], lines: Sequence[OrderLine]) -> int:
    """Return what the platform bears, in won, of the pieces that did not go back."""
    return sum(_kept(platform[line.pk], line.returned, line.quantity) for line in lines)


def commission_of(line: OrderLine, platform: int, returned: int, points: int) -> int:
    """Return the commission on the pieces of a line that were kept when `returned` had gone back, in won.

    `platform` is what the platform bears of its discount: the seller is paid that too.
    """
    paid = _kept(line.amount - line.discount, returned, line.quantity)
    return basis_points(paid + _kept(platform, returned, line.quantity), points)


def commission_by_line(rows: Iterable[Transfer]) -> dict[str, int]:
    """Return the commission that is booked and did not go back, from its rows: {line id as their names say it: won}."""
    left: dict[str, int] = {}
    for row in rows:
        line_id = row.once.rpartition(":")[2]
        left[line_id] = left.get(line_id, 0) - row.to_seller
    return left


def _kept(whole: int, returned: int, quantity: int) -> int:
    """Return how much of a line's won belongs to the pieces that did not go back."""
    return whole - part_so_far(whole, returned, quantity)


def _booked(order: Order, kind: str) -> int:
    """Return what the seller has got of a kind for an order, in won, less what went back."""
    rows = Transfer.objects.filter(order=order, kind=kind)
    return sum(row.to_seller for row in rows)
