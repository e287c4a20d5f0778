"""Walking the whole ledger: every row has a shape, and the accounts say what orders, refunds and statements say.

The database adds up; only the first EXAMPLES rows of each kind of fault are read, so memory does not grow.
"""

from collections.abc import Iterator

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from orders.ledger.balances import balances
from orders.ledger.order_walk import walk_orders
from orders.models import Ad, AdDay, Order, Payment, Refund, Settlement, Transfer

Account, Kind = Transfer.Account, Transfer.Kind

EXAMPLES = 20

SHAPES: dict[str, set[tuple[str, str]]] = {
    Kind.PAYMENT: {(Account.PROVIDER, Account.HELD)},
    Kind.STRAY: {(Account.PROVIDER, Account.HELD)},
    Kind.PAYMENT_FEE: {(Account.FEES, Account.PROVIDER)},
    Kind.SALE: {(Account.HELD, Account.SELLER)},
    Kind.TIP: {(Account.HELD, Account.SELLER)},
    Kind.TIP_FEE: {(Account.SELLER, Account.COMMISSION), (Account.COMMISSION, Account.SELLER)},
    Kind.REFUND: {
        (Account.HELD, Account.PROVIDER),
        (Account.HELD, Account.PAID_OUT),
        (Account.SELLER, Account.HELD),
    },
    Kind.COMMISSION: {(Account.SELLER, Account.COMMISSION), (Account.COMMISSION, Account.SELLER)},
    Kind.COUPON: {(Account.COUPONS, Account.SELLER), (Account.SELLER, Account.COUPONS)},
    Kind.AD: {(Account.SELLER, Account.ADS)},
    Kind.PAYOUT: {(Account.SELLER, Account.PAID_OUT)},
    Kind.CORRECTION: {(Account.LOSSES, Account.SELLER), (Account.SELLER, Account.LOSSES)},
}
"""Which kinds move between which accounts: {kind: {(debit, credit)}}."""

NAMES: dict[str, tuple[str, ...]] = {
    Kind.PAYMENT: ("payment",),
    Kind.STRAY: ("payment",),
    Kind.PAYMENT_FEE: ("payment",),
    Kind.SALE: ("order", "seller"),
    Kind.TIP: ("payment", "seller"),
    Kind.TIP_FEE: ("payment", "seller"),
    Kind.REFUND: ("refund",),
    Kind.COMMISSION: ("order", "seller"),
    Kind.COUPON: ("order", "seller"),
    Kind.PAYOUT: ("settlement", "seller"),
}
"""What a row of each kind must point to."""

_CREDIT_OF_SELLER = Case(
    When(credit=Account.SELLER, then=F("amount")),
    When(debit=Account.SELLER, then=-F("amount")),
    default=Value(0),
)


def walk() -> Iterator[str]:
    """Yield a sentence for everything that is wrong with the books; nothing at all when they are right."""
    yield from _shapes()
    yield from _accounts()
    yield from _payments_and_refunds()
    yield from _orders()
    yield from _settlements()
    yield from _ads()


def _shapes() -> Iterator[str]:
    right = Q(pk__in=[])
    for kind, pairs in SHAPES.items():
        for debit, credit in pairs:
            right |= Q(kind=kind, debit=debit, credit=credit)
    yield from _each(Transfer.objects.exclude(right), "has no shape of the books")
    for kind, names in NAMES.items():
        for name in names:
            rows = Transfer.objects.filter(kind=kind, **{f"{name}__isnull": True})
            yield from _each(rows, f"names no {name}")


def _accounts() -> Iterator[str]:
    found = balances()
    taken = _sum(Payment.objects.filter(status__in=[Payment.Status.CONFIRMED, Payment.Status.STRAY]), "paid")
    given_back = _sum(Refund.objects.filter(status=Refund.Status.DONE), "amount")
    yield from _same("provider", found[Account.PROVIDER] + found[Account.FEES], taken - given_back)
    underway = _sum(Refund.objects.exclude(status__in=Refund.BACK), "amount")
    open_orders = Order.objects.filter(paid_at__isnull=False).exclude(_over())
    kept = _sum(open_orders, "total") - _sum(open_orders, "refunded")
    yield from _same("held", found[Account.HELD], kept + underway)
    on_statements = Settlement.objects.aggregate(total=Sum("total"), carried=Sum("carried"))
    loose = Transfer.objects.filter(settlement=None).aggregate(won=Sum(_CREDIT_OF_SELLER))["won"] or 0
    due = (on_statements["total"] or 0) - (on_statements["carried"] or 0) + loose
    paid_out = _sum(Settlement.objects.filter(status=Settlement.Status.PAID), "total")
    yield from _same("seller", found[Account.SELLER], due - paid_out)
    by_hand = _sum(Refund.objects.filter(status=Refund.Status.BY_HAND), "amount")
    yield from _same("paid_out", found[Account.PAID_OUT], paid_out + by_hand)


def _payments_and_refunds() -> Iterator[str]:
    for status, kind in ((Payment.Status.CONFIRMED, Kind.PAYMENT), (Payment.Status.STRAY, Kind.STRAY)):
        booked = Transfer.objects.filter(payment=OuterRef("pk"), kind=kind, amount=OuterRef("paid"))
        wrong = Payment.objects.filter(~Exists(booked), status=status)
        yield from _each(wrong, "was paid and is not booked")
    unpaid = Payment.objects.exclude(status__in=[Payment.Status.CONFIRMED, Payment.Status.STRAY])
    yield from _each(unpaid.filter(transfers__isnull=False), "was not paid and is booked")
    booked = Transfer.objects.filter(refund=OuterRef("pk"), kind=Kind.REFUND, debit=Account.HELD)
    for done, account in (
        (Refund.Status.DONE, Account.PROVIDER),
        (Refund.Status.BY_HAND, Account.PAID_OUT),
    ):
        right = booked.filter(amount=OuterRef("amount"), credit=account)
        yield from _each(Refund.objects.filter(~Exists(right), status=done), "is done and not booked")
    underway = Refund.objects.exclude(status__in=Refund.BACK)
    yield from _each(underway.filter(Exists(booked)), "is booked and not done")


def _orders() -> Iterator[str]:
    """What a seller got for an order is what the buyer paid for good, once it is over, and nothing before.

    Its coupon and commission are what its lines say.
    """
    got = (
        Transfer.objects.filter(order=OuterRef("pk"), kind__in=[Kind.SALE, Kind.REFUND])
        .order_by()
        .values("order")
        .annotate(won=Sum(_CREDIT_OF_SELLER))
        .values("won")
    )
    asked = Refund.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(won=Sum("amount"))
    orders = Order.objects.filter(paid_at__isnull=False).annotate(
        got=Coalesce(Subquery(got), 0), asked=Coalesce(Subquery(asked.values("won")), 0)
    )
    over = orders.filter(_over()).exclude(got=F("total") - F("refunded"))
    yield from _each(over, "is over, and its seller did not get what is left of it")
    yield from _each(orders.exclude(_over()).exclude(got=0), "is not over, and its seller got something")
    early = Transfer.objects.filter(order=OuterRef("pk"), kind__in=[Kind.COUPON, Kind.COMMISSION])
    yield from _each(
        orders.exclude(_over()).filter(Exists(early)), "is not over, and something of it is booked"
    )
    yield from walk_orders(Order.objects.filter(_over(), paid_at__isnull=False), most=EXAMPLES)
    yield from _each(orders.exclude(asked=F("refunded")), "counts other refunds than there are")
    sales = Transfer.objects.filter(order__paid_at__isnull=True).exclude(order=None)
    yield from _each(sales, "is about an order that was never paid")


def _over() -> Q:
    """Orders whose money is nobody's but the seller's: confirmed, or ended by a refund."""
    ended = Q(status__in=[Order.Status.REFUNDED, Order.Status.CANCELLED])
    return Q(confirmed_at__isnull=False) | ended


def _settlements() -> Iterator[str]:
    rows = Settlement.objects.annotate(
        moved=Coalesce(Sum(_moved_on_statement(), filter=~Q(transfers__kind=Kind.PAYOUT)), 0),
        payouts=Count("transfers", filter=Q(transfers__kind=Kind.PAYOUT)),
        paid=Coalesce(Sum("transfers__amount", filter=Q(transfers__kind=Kind.PAYOUT)), 0),
    )
    yield from _each(rows.exclude(total=F("carried") + F("moved")), "says another sum than its rows")
    paid = rows.filter(status=Settlement.Status.PAID)
    yield from _each(paid.exclude(payouts=1, paid=F("total")), "is paid, and the payout is not booked once")
    yield from _each(
        rows.exclude(status=Settlement.Status.PAID).exclude(payouts=0), "is not paid, and a payout is booked"
    )


def _moved_on_statement() -> Case:
    return Case(
        When(transfers__credit=Account.SELLER, then=F("transfers__amount")),
        When(transfers__debit=Account.SELLER, then=-F("transfers__amount")),
        default=Value(0),
    )


def _ads() -> Iterator[str]:
    booked = _sum(Transfer.objects.filter(kind=Kind.AD), "amount")
    yield from _same("ads", booked, _sum(AdDay.objects.all(), "booked"))
    yield from _each(AdDay.objects.filter(booked__gt=F("cost")), "is booked for more than it cost")
    clicked = Ad.objects.annotate(cost=Coalesce(Sum("days__cost"), 0))
    yield from _each(clicked.exclude(spent=F("cost")), "spent another sum than its days cost")


def _sum(rows: QuerySet, column: str) -> int:
    return rows.aggregate(won=Sum(column))["won"] or 0


def _same(account: str, found: int, expected: int) -> Iterator[str]:
    if found != expected:
        yield f"account {account}: {found:,} won in the books, {expected:,} expected"


def _each(rows: QuerySet, fault: str) -> Iterator[str]:
    for row in rows.order_by("pk")[:EXAMPLES]:
        yield f"{row._meta.model_name} {row} {fault}"
