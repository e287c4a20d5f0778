"""The sums of a statement, and of the month that is not settled yet."""

from dataclasses import dataclass

from django.db.models import Case, F, Sum, When
from django.utils.translation import gettext as _

from accounts.models import User
from orders.models import Settlement, Transfer


@dataclass(frozen=True, kw_only=True)
class Part:
    """A line of the sum: `amount` is signed won, in the seller's favour above zero."""

    label: str
    amount: int


def parts_of(settlement: Settlement) -> list[Part]:
    """Return the parts that add up to the statement's total; those of nothing are left out, sales never."""
    parts = [
        Part(label=_("판매 금액"), amount=settlement.sales),
        Part(label=_("플랫폼이 낸 쿠폰"), amount=settlement.coupons),
        Part(label=_("판매 수수료"), amount=-settlement.commission),
        Part(label=_("확정 뒤 환불"), amount=-settlement.refunds),
        Part(label=_("광고비"), amount=-settlement.ads),
        Part(label=_("조정"), amount=settlement.corrections),
        Part(label=_("지난달에서 넘어온 금액"), amount=settlement.carried),
    ]
    return [part for part in parts if part.amount or part is parts[0]]


def running_totals(seller: User) -> dict[str, int]:
    """Return {"loose": won on no statement yet, "carried": won below zero of the last one, "due": won to be paid}."""
    credit = Transfer.Account.SELLER
    signed = Case(When(credit=credit, then=F("amount")), default=-F("amount"))
    loose = Transfer.objects.of_seller(seller.pk).on_no_statement().aggregate(won=Sum(signed))["won"] or 0
    own = Settlement.objects.filter(seller=seller)
    last = own.order_by("-month").first()
    due = own.exclude(status=Settlement.Status.PAID).filter(total__gt=0).aggregate(won=Sum("total"))["won"]
    return {"loose": loose, "carried": min(last.total, 0) if last else 0, "due": due or 0}
