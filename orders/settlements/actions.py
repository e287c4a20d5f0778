"""Settling with sellers: one statement a calendar month, held back with a reason, paid once."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import DomainError
from orders.ledger import book_payout
from orders.models import Dispute, Settlement, Transfer
from orders.settlements.months import month_end

Account, Kind = Transfer.Account, Transfer.Kind
Status = Settlement.Status

SELLERS_A_ROUND = 500


class NotSettleable(DomainError):
    """The month is not over."""

    code = "not_settleable"


class NotPayable(DomainError):
    """The statement is paid, held back, disputed, or there is nothing to pay."""

    code = "not_payable"


def settle_all(month: date) -> int:
    """Settle a month that is over with the sellers who have something in it; return with how many.

    At most SELLERS_A_ROUND at a time, and each in a transaction of its own: the next round goes on.
    """
    sellers = (
        Transfer.objects.on_no_statement()
        .filter(Q(debit=Account.SELLER) | Q(credit=Account.SELLER), at__lt=month_end(month))
        .exclude(seller__settlements__month__gte=month)
        .order_by("seller")
        .values_list("seller", flat=True)
        .distinct()[:SELLERS_A_ROUND]
    )
    return sum(settle_month(seller_id, month) is not None for seller_id in list(sellers) if seller_id)


@transaction.atomic
def settle_month(seller_id: int, month: date) -> Settlement | None:
    """Return a seller's statement for a month, made now unless there is one; None when nothing happened.

    `month` is its first day. Everything up to its end that is on no statement yet comes on this one; what is booked
    later comes on the next, also if it is about this month. Raises NotSettleable.
    """
    end = month_end(month)
    if end > timezone.now():
        raise NotSettleable(_("아직 끝나지 않은 달이에요."))
    own = Settlement.objects.filter(seller=seller_id)
    if own.filter(month__gte=month).exists():
        return own.filter(month=month).first()
    rows = Transfer.objects.of_seller(seller_id).on_no_statement().filter(at__lt=end)
    if not rows.exists():
        return None
    before = own.order_by("-month").first()
    carried = min(before.total, 0) if before else 0
    try:
        with transaction.atomic():
            settlement = Settlement.objects.create(
                seller_id=seller_id, month=month, carried=carried, total=carried
            )
    except IntegrityError:  # another worker was faster
        return own.get(month=month)
    rows.put_on(settlement)
    _sum_up(settlement)
    return settlement


def _sum_up(settlement: Settlement) -> None:
    """Take the sums from the rows that were put on it, not from a second look at what could be put on it."""
    won = dict.fromkeys(Kind.values, 0)
    sums = settlement.transfers.order_by().values_list("kind", "credit").annotate(won=Sum("amount"))
    for kind, credit, amount in sums:
        won[kind] += amount if credit == Account.SELLER else -amount
    settlement.sales = won[Kind.SALE] + won[Kind.TIP]
    settlement.commission = -won[Kind.COMMISSION] - won[Kind.TIP_FEE]
    settlement.coupons = won[Kind.COUPON]
    settlement.refunds = -won[Kind.REFUND]
    settlement.ads = -won[Kind.AD]
    settlement.corrections = won[Kind.CORRECTION]
    settlement.total = settlement.carried + sum(won.values())
    if _is_disputed(settlement):
        settlement.status, settlement.hold_reason = Status.ON_HOLD, _("진행 중인 분쟁이 있어요.")
    settlement.save()


def _is_disputed(settlement: Settlement) -> bool:
    open_ones = Dispute.objects.filter(status=Dispute.Status.OPEN)
    return open_ones.filter(order__transfers__settlement=settlement).exists()


@transaction.atomic
def hold_settlement(settlement_id: int, *, reason: str) -> None:
    """Do not pay a statement for now. Raises NotPayable if it is paid already."""
    settlement = _lock(settlement_id)
    if settlement.status == Status.PAID:
        raise NotPayable(_("이미 지급했어요."))
    settlement.status, settlement.hold_reason = Status.ON_HOLD, reason
    settlement.save(update_fields=["status", "hold_reason"])


@transaction.atomic
def release_settlement(settlement_id: int) -> None:
    """Let a statement that was held back be paid again. Raises NotPayable: it is not held, or still disputed."""
    settlement = _lock(settlement_id)
    if settlement.status != Status.ON_HOLD:
        raise NotPayable(_("보류 중이 아니에요."))
    if _is_disputed(settlement):
        raise NotPayable(_("분쟁이 끝나야 보류를 풀 수 있어요."))
    settlement.status, settlement.hold_reason = Status.DUE, ""
    settlement.save(update_fields=["status", "hold_reason"])


@transaction.atomic
def pay_settlement(settlement_id: int, *, note: str) -> None:
    """Note that a seller was paid, and book it, once. Raises NotPayable."""
    settlement = _lock(settlement_id)
    if settlement.status != Status.DUE:
        raise NotPayable(_("지급 예정인 정산서가 아니에요."))
    if not settlement.is_payable:
        raise NotPayable(_("지급할 금액이 없어요."))
    if _is_disputed(settlement):
        raise NotPayable(_("분쟁이 끝나야 지급할 수 있어요."))
    settlement.status, settlement.paid_at = Status.PAID, timezone.now()
    settlement.save(update_fields=["status", "paid_at"])
    book_payout(settlement, note=note)


def _lock(settlement_id: int) -> Settlement:
    return Settlement.objects.select_for_update().get(pk=settlement_id)
