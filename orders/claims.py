"""Cancelling and sending back, by line and piece: asked for by the buyer, answered by the seller or by time.

Every function locks the order first; money goes back through `orders.refunds` and no other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import DomainError
from orders import signals
from orders.disputes import is_open
from orders.models import Claim, ClaimLine, Dispute, Order, OrderLine, OrderLog
from orders.moves import lock_order, move_order
from orders.refunds import REFUNDABLE, check_unchanged, refund_lines
from orders.terms import return_until, terms_of, way_back_fee

Status = Order.Status
Kind = Claim.Kind
CANCELLABLE = (Status.PAID, Status.PREPARING)
RETURNABLE = (Status.SHIPPED, Status.DELIVERED)
A_ROUND = 200


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a buyer wants something undone."""

    label: str | Promise
    sellers_fault: bool
    kinds: tuple[str, ...] = (Kind.CANCEL, Kind.RETURN)


REASONS = {
    "mind": Reason(label=gettext_lazy("마음이 바뀌었어요"), sellers_fault=False),
    "mistake": Reason(label=gettext_lazy("잘못 주문했어요"), sellers_fault=False),
    "late": Reason(label=gettext_lazy("배송이 늦어요"), sellers_fault=True, kinds=(Kind.CANCEL,)),
    "fit": Reason(
        label=gettext_lazy("사이즈나 색상이 맞지 않아요"), sellers_fault=False, kinds=(Kind.RETURN,)
    ),
    "broken": Reason(label=gettext_lazy("파손되거나 불량이에요"), sellers_fault=True, kinds=(Kind.RETURN,)),
    "wrong": Reason(label=gettext_lazy("다른 상품이 왔어요"), sellers_fault=True, kinds=(Kind.RETURN,)),
    "different": Reason(label=gettext_lazy("설명과 달라요"), sellers_fault=True, kinds=(Kind.RETURN,)),
    "goodwill": Reason(label=gettext_lazy("판매자 환불"), sellers_fault=True, kinds=(Kind.GOODWILL,)),
}


class NoClaim(DomainError):
    """This cannot be undone (any more), or something else must be settled first."""

    code = "no_claim"


class ClaimOver(DomainError):
    """It was answered, carried out or taken back before."""

    code = "claim_over"


def reasons_for(kind: str) -> list[tuple[str, str | Promise]]:
    """Return the choices (key, label) of a kind of claim."""
    return [(key, reason.label) for key, reason in REASONS.items() if kind in reason.kinds]


def claimable(order: Order) -> tuple[str, dict[int, OrderLine]] | None:
    """Return the kind of claim the buyer may make now and the lines it may be about by id; None: none."""
    if order.claims.filter(status__in=Claim.OPEN).exists() or is_open(order):
        return None
    rest = {line.pk: line for line in order.lines.all() if line.returned < line.quantity}
    if order.status in CANCELLABLE:
        return Kind.CANCEL, rest
    if order.status not in RETURNABLE:
        return None
    now, terms = timezone.now(), terms_of(order)
    ends = {pk: return_until(order, terms[pk]) for pk in rest}
    in_time = {pk: line for pk, line in rest.items() if (end := ends[pk]) is None or now < end}
    return (Kind.RETURN, in_time) if in_time else None


@transaction.atomic
def ask(
    order_id: int,
    pieces: Mapping[int, int],
    *,
    kind: str,
    reason: str,
    text: str = "",
    by: User | None,
    seen: int | None = None,
) -> Claim:
    """Make a buyer's claim about {line id: pieces}; `by` None is a guest. Raises NoClaim, NotRefundable.

    What nobody packs yet is cancelled at once; everything else waits for the seller's answer. `seen` is how many
    pieces had gone back when the buyer was shown the rest (`orders.refunds.pieces_gone`).
    """
    order = lock_order(order_id)
    check_unchanged(order, seen)
    found = claimable(order)
    if found is None or found[0] != kind:
        raise NoClaim(_("지금은 신청할 수 없어요. 주문 상태를 다시 확인해 주세요."))
    _check(pieces, found[1])
    if reason not in REASONS or kind not in REASONS[reason].kinds:
        raise NoClaim(_("사유를 골라 주세요."))
    claim = _make(order, kind, pieces, reason=reason, text=text)
    if order.status == Status.PAID:
        return _carry_out(claim, by=by, restock=True)
    if kind == Kind.RETURN:
        move_order(order_id, Status.RETURN_ASKED, by=by)
    _tell(claim, by=by)
    return claim


@transaction.atomic
def refund_by_seller(
    order_id: int,
    pieces: Mapping[int, int],
    *,
    text: str,
    by: User,
    restock: bool,
    shipping: int | None = None,
    seen: int | None = None,
) -> Claim:
    """Give back money without being asked; `seen` as for `ask`. Raises NoClaim, NotRefundable."""
    order = lock_order(order_id)
    check_unchanged(order, seen)
    if order.status not in REFUNDABLE or is_open(order):
        raise NoClaim(_("지금은 환불할 수 없는 주문이에요."))
    if order.claims.filter(status__in=Claim.OPEN).exists():
        raise NoClaim(_("구매자의 요청에 먼저 답해 주세요."))
    _check(pieces, {line.pk: line for line in order.lines.all()})
    claim = _make(order, Kind.GOODWILL, pieces, reason="goodwill", text="")
    claim.answer = text
    return _carry_out(claim, by=by, restock=restock, shipping=shipping)


@transaction.atomic
def take_back(claim_id: int, *, by: User | None) -> None:
    """The buyer thought again. Raises ClaimOver once the money went back."""
    claim = lock_claim(claim_id)
    end(claim, Claim.Status.WITHDRAWN, by=by)
    put_order_back(claim.order, by=by)


@transaction.atomic
def approve(claim_id: int, *, by: User | None, answer: str = "") -> None:
    """Agree: a cancellation is carried out, a return is on its way back. `by` None: the seller was silent."""
    claim = lock_claim(claim_id, Claim.Status.ASKED)
    claim.answer, claim.answered_at = answer, timezone.now()
    if claim.kind == Kind.CANCEL:
        _carry_out(claim, by=by, restock=True)
        return
    claim.status = Claim.Status.APPROVED
    claim.save(update_fields=["status", "answer", "answered_at"])
    _tell(claim, by=by)


@transaction.atomic
def refuse(claim_id: int, *, by: User, answer: str) -> None:
    """Say no, with words; the order goes on, and the buyer may ask the staff. Raises ClaimOver, NoClaim."""
    if not answer.strip():
        raise NoClaim(_("거절하는 이유를 적어 주세요."))
    claim = lock_claim(claim_id, Claim.Status.ASKED)
    claim.answer, claim.answered_at = answer, timezone.now()
    end(claim, Claim.Status.REFUSED, by=by)
    put_order_back(claim.order, by=by)


@transaction.atomic
def receive(claim_id: int, *, by: User, restock: bool) -> None:
    """The goods are back: the money goes back too, less the way back if the buyer pays for it. Raises ClaimOver."""
    claim = lock_claim(claim_id)
    if claim.kind != Kind.RETURN:
        raise ClaimOver(_("반품 요청이 아니에요."))
    claim.answered_at = claim.answered_at or timezone.now()
    move_order(claim.order_id, Status.RETURNED, by=by)
    fee = way_back_fee(claim.order, _pieces(claim)) if claim.buyer_pays_return else 0
    _carry_out(claim, by=by, restock=restock, way_back=fee)
    claim.order.refresh_from_db()
    put_order_back(claim.order, by=by)


def approve_silent(now: datetime) -> int:
    """Approve what sellers did not answer in time; return how many."""
    disputed = Dispute.objects.filter(order=OuterRef("order"), status=Dispute.Status.OPEN)
    late = Claim.objects.filter(status=Claim.Status.ASKED, answer_by__lte=now).exclude(Exists(disputed))
    return sum(_approve_silent(claim_id) for claim_id in list(late.values_list("pk", flat=True)[:A_ROUND]))


def _approve_silent(claim_id: int) -> bool:
    try:
        approve(claim_id, by=None)
    except ClaimOver:  # answered or taken back a moment ago
        return False
    return True


def lock_claim(claim_id: int, *statuses: str) -> Claim:
    """Return an open claim (of one of the statuses) with its order, which is locked. Raises ClaimOver."""
    order = lock_order(Claim.objects.values_list("order_id", flat=True).get(pk=claim_id))
    claim = Claim.objects.get(pk=claim_id)
    if claim.status not in (statuses or Claim.OPEN):
        raise ClaimOver(_("이미 처리한 요청이에요."))
    claim.order = order
    return claim


def end(claim: Claim, to: str, *, by: User | None) -> None:
    """Close a claim whose order is locked."""
    claim.status, claim.closed_at = to, timezone.now()
    claim.save()
    _tell(claim, by=by)


def put_order_back(order: Order, *, by: User | None) -> None:
    """Let a locked order that waited for a return go on where it was."""
    if order.status in (Status.RETURN_ASKED, Status.RETURNED):
        never_came = order.status == Status.RETURN_ASKED and order.delivered_at is None
        move_order(order.pk, Status.SHIPPED if never_came else Status.DELIVERED, by=by)


def _check(pieces: Mapping[int, int], lines: Mapping[int, OrderLine]) -> None:
    if not pieces:
        raise NoClaim(_("상품을 하나 이상 골라 주세요."))
    for line_id, count in pieces.items():
        line = lines.get(line_id)
        if line is None or not 0 < count <= line.quantity - line.returned:
            raise NoClaim(_("수량을 다시 확인해 주세요."))


def _make(order: Order, kind: str, pieces: Mapping[int, int], *, reason: str, text: str) -> Claim:
    claim = Claim.objects.create(
        order=order,
        kind=kind,
        reason=reason,
        text=text,
        buyer_pays_return=kind == Kind.RETURN and not REASONS[reason].sellers_fault,
        answer_by=timezone.now() + timedelta(hours=settings.CLAIM_ANSWER_HOURS),
    )
    ClaimLine.objects.bulk_create(
        ClaimLine(claim=claim, line_id=line_id, quantity=count) for line_id, count in pieces.items()
    )
    return claim


def _carry_out(
    claim: Claim, *, by: User | None, restock: bool, shipping: int | None = None, way_back: int = 0
) -> Claim:
    claim.refund = refund_lines(
        claim.order_id,
        _pieces(claim),
        reason=str(REASONS[claim.reason].label),
        by=by,
        restock=restock,
        shipping=shipping,
        way_back=way_back,
    )
    end(claim, Claim.Status.DONE, by=by)
    return claim


def _pieces(claim: Claim) -> dict[int, int]:
    return dict(claim.lines.values_list("line", "quantity"))


def _tell(claim: Claim, *, by: User | None) -> None:
    OrderLog.objects.create(
        order_id=claim.order_id, type=f"claim.{claim.status}", by=by, note=f"{claim.kind} {claim.code}"
    )
    status = claim.status
    transaction.on_commit(
        lambda: signals.claim_moved.send_robust(Claim, claim_id=claim.pk, status=status), robust=True
    )
