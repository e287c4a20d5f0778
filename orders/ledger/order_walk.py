"""Working out anew what each order's coupon and commission should be, from its lines and refunds.

Every step is worked out as `orders.ledger.booking` writes it, at the rate it noted: what differs, somebody wrote
otherwise.
"""

from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import Prefetch, Q, QuerySet

from orders.ledger.booking import commission_by_line, commission_of, coupon_of, platform_parts
from orders.models import Order, OrderLine, RefundLine, Transfer
from orders.sharing import part_so_far

Account, Kind = Transfer.Account, Transfer.Kind

AT_ONCE = 500


def walk_orders(orders: QuerySet[Order], *, most: int) -> Iterator[str]:
    """Yield a sentence for each coupon and commission of `orders` that is booked otherwise, `most` at the most."""
    yield from islice(_differences(orders), most)


def _differences(orders: QuerySet[Order]) -> Iterator[str]:
    owed = Q(kind=Kind.REFUND, debit=Account.SELLER)
    rows = Transfer.objects.filter(owed | Q(kind__in=[Kind.COUPON, Kind.COMMISSION]))
    refunds = RefundLine.objects.order_by("refund")
    found = orders.order_by("pk").prefetch_related(
        Prefetch("transfers", rows, to_attr="booked"), "lines", Prefetch("lines__refund_lines", refunds)
    )
    for order in found.iterator(chunk_size=AT_ONCE):
        yield from _of_order(order, order.booked)


def _of_order(order: Order, booked: list[Transfer]) -> Iterator[str]:
    lines = list(order.lines.all())
    if not all(_is_explained(line) for line in lines):
        return
    platform = platform_parts(order.platform_discount, lines)
    coupon = sum(row.to_seller for row in booked if row.kind == Kind.COUPON)
    yield from _same(f"coupon of order {order}", coupon, coupon_of(platform, lines))
    commission = commission_by_line(row for row in booked if row.kind == Kind.COMMISSION)
    owed = {row.refund_id for row in booked if row.kind == Kind.REFUND}
    for line in lines:
        found, points = commission.pop(str(line.pk), 0), line.commission_points
        if points is None and order.confirmed_at is not None:  # booked when the rate was not noted yet
            continue
        left = _commission_left(line, platform[line.pk], points or 0, owed)
        yield from _same(f"commission of order {order}, {line}", found, left)
    for line_id, found in commission.items():
        yield from _same(f"commission of order {order}, no line of it ({line_id})", found, 0)


def _is_explained(line: OrderLine) -> bool:
    """Whether refunds say when its pieces went back. What nothing was paid for goes back without one."""
    return sum(gone.quantity for gone in line.refund_lines.all()) == line.returned


def _commission_left(line: OrderLine, platform: int, points: int, owed: Collection[int | None]) -> int:
    """Return the commission of a line after the refunds that its seller owed (their ids), each in its turn."""
    steps = [gone.quantity for gone in line.refund_lines.all() if gone.refund_id in owed]
    returned = line.returned - sum(steps)
    left, pieces = commission_of(line, platform, returned, points), line.quantity - returned
    for gone in steps:
        left = part_so_far(left, pieces - gone, pieces)
        pieces -= gone
    return left


def _same(what: str, found: int, expected: int) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found:,} won in the books, {expected:,} expected"
