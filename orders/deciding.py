"""What the staff decide: of a dispute, or to give money back without one."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from orders.claims import end, put_order_back
from orders.confirming import confirm_order, deliver_order
from orders.disputes import close, is_open, lock_dispute
from orders.models import Claim, Dispute, Order, Refund
from orders.moves import lock_order
from orders.refunds import NotRefundable, check_unchanged, refund_lines


@transaction.atomic
def decide_for_buyer(
    dispute_id: int,
    pieces: Mapping[int, int],
    *,
    decision: str,
    by: User,
    restock: bool,
    shipping: int | None = None,
) -> Refund | None:
    """Give back the money of {line id: pieces}; with a part the rest of the order goes on.

    `decision` says why, to both sides. Raises DisputeOver, NotRefundable.
    """
    dispute = lock_dispute(dispute_id)
    close(dispute, Dispute.Status.FOR_BUYER, by=by, decision=decision)
    _end_claims(dispute.order, Claim.Status.DONE, by)
    refund = refund_lines(
        dispute.order_id, pieces, reason=decision, by=by, restock=restock, shipping=shipping
    )
    dispute.order.refresh_from_db()
    put_order_back(dispute.order, by=by)
    return refund


@transaction.atomic
def decide_for_seller(dispute_id: int, *, decision: str, by: User) -> None:
    """Pay the seller: the order is taken for delivered and confirmed. Raises DisputeOver."""
    dispute = lock_dispute(dispute_id)
    close(dispute, Dispute.Status.FOR_SELLER, by=by, decision=decision)
    _end_claims(dispute.order, Claim.Status.REFUSED, by)
    put_order_back(dispute.order, by=by)
    deliver_order(dispute.order_id, by=by)
    confirm_order(dispute.order_id, by=by)


@transaction.atomic
def refund_by_staff(
    order_id: int,
    pieces: Mapping[int, int],
    *,
    reason: str,
    by: User,
    restock: bool,
    shipping: int | None = None,
    seen: int | None = None,
) -> Refund | None:
    """Give money back where nobody asked for a decision; `seen` as in `orders.claims.ask`. Raises NotRefundable."""
    order = lock_order(order_id)
    check_unchanged(order, seen)
    if is_open(order) or order.claims.filter(status__in=Claim.OPEN).exists():
        raise NotRefundable(_("열려 있는 요청이나 분쟁을 먼저 끝내 주세요."))
    return refund_lines(order_id, pieces, reason=reason, by=by, restock=restock, shipping=shipping)


def _end_claims(order: Order, to: str, by: User) -> None:
    for claim in order.claims.filter(status__in=Claim.OPEN):
        end(claim, to, by=by)
