"""What the staff decide about a dispute: money back to the buyer, or the order paid to the seller."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from orders.claims import end, put_order_back
from orders.confirming import confirm_order, deliver_order
from orders.disputes import close, lock_dispute
from orders.models import Claim, Dispute, Order, Refund
from orders.refunds import refund_lines


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


def _end_claims(order: Order, to: str, by: User) -> None:
    for claim in order.claims.filter(status__in=Claim.OPEN):
        end(claim, to, by=by)
