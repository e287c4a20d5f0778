"""Buyer and seller do not agree and ask the staff. While a dispute is open nobody is paid for the order.

What the staff decide is in `orders.deciding`.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import DomainError
from media_pipeline.models import Asset
from orders import signals
from orders.models import Dispute, DisputeMessage, Order, OrderLog
from orders.moves import lock_order

Status = Order.Status
Side = DisputeMessage.Side

SUBJECTS = {
    "not_received": gettext_lazy("상품이 오지 않아요"),
    "different": gettext_lazy("설명과 달라요"),
    "broken": gettext_lazy("파손되거나 고장 났어요"),
    "return_refused": gettext_lazy("반품을 받아 주지 않아요"),
    "refund": gettext_lazy("환불 금액이 맞지 않아요"),
    "other": gettext_lazy("그 밖의 문제"),
}
DISPUTABLE = (
    Status.PAID,
    Status.PREPARING,
    Status.SHIPPED,
    Status.DELIVERED,
    Status.RETURN_ASKED,
    Status.RETURNED,
    Status.CONFIRMED,
)
MOST_MESSAGES = 200


class NoDispute(DomainError):
    """The order is in no state to argue about, the time for it is over, or one is open already."""

    code = "no_dispute"


class NotTheirDispute(DomainError):
    """The other side opened it, and only staff may end it now."""

    code = "not_their_dispute"


class DisputeOver(DomainError):
    """It is decided or was taken back."""

    code = "dispute_over"


def is_open(order: Order) -> bool:
    """Whether the staff have something to decide about the order; nobody is paid for it meanwhile."""
    return Dispute.objects.filter(order=order, status=Dispute.Status.OPEN).exists()


def dispute_until(order: Order) -> datetime | None:
    """Return until when the buyer may ask the staff; None: as long as it is not delivered."""
    return order.delivered_at + timedelta(days=settings.DISPUTE_DAYS) if order.delivered_at else None


def may_dispute(order: Order) -> bool:
    """Whether the buyer may open a dispute now."""
    until = dispute_until(order)
    in_time = until is None or timezone.now() < until
    return order.status in DISPUTABLE and in_time and not is_open(order)


@transaction.atomic
def open_dispute(
    order_id: int,
    *,
    subject: str,
    text: str,
    by: User | None,
    photo: Asset | None = None,
    side: str = Side.BUYER,
) -> Dispute:
    """Ask the staff, as the buyer; `by` None is a guest. The seller may where a no-show is contested.

    Raises NoDispute.
    """
    order = lock_order(order_id)
    if not may_dispute(order) or subject not in SUBJECTS:
        raise NoDispute(_("지금은 문제를 신고할 수 없는 주문이에요."))
    dispute = Dispute.objects.create(order=order, opened_by=by, subject=subject)
    OrderLog.objects.create(order=order, type="dispute.open", before=order.status, by=by, note=subject)
    _write(dispute, side, by, text, photo)
    return dispute


@transaction.atomic
def say(dispute_id: int, *, side: str, by: User | None, text: str, photo: Asset | None = None) -> None:
    """Add a message of one side. Raises DisputeOver."""
    dispute = lock_dispute(dispute_id)
    if dispute.messages.count() >= MOST_MESSAGES:
        raise DisputeOver(_("더는 메시지를 남길 수 없어요. 운영팀의 결정을 기다려 주세요."))
    _write(dispute, side, by, text, photo)


@transaction.atomic
def withdraw_dispute(dispute_id: int, *, by: User | None) -> None:
    """The buyer takes it back: everything goes on where it was. Raises DisputeOver, NotTheirDispute."""
    dispute = lock_dispute(dispute_id)
    if dispute.opened_by_id == dispute.order.seller_id:
        raise NotTheirDispute(_("판매자가 알린 문제예요. 운영팀이 확인하고 있어요."))
    close(dispute, Dispute.Status.WITHDRAWN, by=by)


def lock_dispute(dispute_id: int) -> Dispute:
    """Return an open dispute with its order, which is locked. Raises DisputeOver."""
    order = lock_order(Dispute.objects.values_list("order_id", flat=True).get(pk=dispute_id))
    dispute = Dispute.objects.get(pk=dispute_id)
    if dispute.status != Dispute.Status.OPEN:
        raise DisputeOver(_("이미 끝난 문제예요."))
    dispute.order = order
    return dispute


def close(dispute: Dispute, to: str, *, by: User | None, decision: str = "") -> None:
    """End a dispute whose order is locked."""
    dispute.status, dispute.decision, dispute.closed_at = to, decision, timezone.now()
    dispute.save(update_fields=["status", "decision", "closed_at"])
    OrderLog.objects.create(order=dispute.order, type=f"dispute.{to}", before=dispute.order.status, by=by)
    _announce(dispute, Side.STAFF if decision else Side.BUYER)


def _write(dispute: Dispute, side: str, by: User | None, text: str, photo: Asset | None) -> None:
    DisputeMessage.objects.create(dispute=dispute, side=side, author=by, text=text, photo=photo)
    _announce(dispute, side)


def _announce(dispute: Dispute, side: str) -> None:
    transaction.on_commit(
        lambda: signals.dispute_news.send_robust(Dispute, dispute_id=dispute.pk, side=side), robust=True
    )
