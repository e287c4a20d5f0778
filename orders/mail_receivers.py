"""Which news become mails, and whose; each receiver only queues tasks."""

from typing import Any

from catalog.models import Product
from orders import mail_tasks, signals
from orders.confirming import UNDERWAY
from orders.models import Claim, Dispute, DisputeMessage, Order, Refund
from orders.sending import TO_SEND

Status = Order.Status
Side = DisputeMessage.Side


def connect_mails() -> None:
    """Called once, by `orders.apps`."""
    signals.checkout_paid.connect(on_checkout_paid, dispatch_uid="orders.mail_paid")
    signals.order_moved.connect(on_order_moved, dispatch_uid="orders.mail_order")
    signals.confirming_soon.connect(on_confirming_soon, dispatch_uid="orders.mail_confirm_soon")
    signals.claim_moved.connect(on_claim_moved, dispatch_uid="orders.mail_claim")
    signals.claim_sent_back.connect(on_claim_sent_back, dispatch_uid="orders.mail_sent_back")
    signals.refund_done.connect(on_refund_done, dispatch_uid="orders.mail_refund")
    signals.dispute_news.connect(on_dispute_news, dispatch_uid="orders.mail_dispute")


def on_checkout_paid(sender: object, *, checkout_id: int, **_: Any) -> None:  # noqa: ANN401 Django's signature
    mail_tasks.tell_paid.delay(checkout_id)


def on_order_moved(sender: object, *, order_id: int, before: str, to: str, **_: Any) -> None:  # noqa: ANN401
    """A status may come back from a return: only the first arrival is news. Who met in person needs none."""
    if to == Status.SHIPPED and before in TO_SEND:
        mail_tasks.mail_order.delay(order_id, "shipped")
    sent = Order.objects.filter(pk=order_id).exclude(deal=Product.Deal.DIRECT)
    if to == Status.DELIVERED and before in UNDERWAY and sent.exists():
        mail_tasks.mail_order.delay(order_id, "delivered")


def on_confirming_soon(sender: object, *, order_id: int, **_: Any) -> None:  # noqa: ANN401
    mail_tasks.mail_order.delay(order_id, "confirm_soon")


def on_claim_moved(sender: object, *, claim_id: int, status: str, **_: Any) -> None:  # noqa: ANN401
    claim = Claim.objects.get(pk=claim_id)
    if status in (Claim.Status.ASKED, Claim.Status.WITHDRAWN):
        mail_tasks.mail_claim.delay(claim_id, status, Side.SELLER)
        return
    mail_tasks.mail_claim.delay(claim_id, status, Side.BUYER)
    if (
        claim.kind == Claim.Kind.CANCEL and claim.answered_at is None
    ):  # done at once: the seller was not asked
        mail_tasks.mail_claim.delay(claim_id, status, Side.SELLER)


def on_claim_sent_back(sender: object, *, claim_id: int, number: str, **_: Any) -> None:  # noqa: ANN401
    mail_tasks.mail_sent_back.delay(claim_id, number)


def on_refund_done(sender: object, *, refund_id: int, **_: Any) -> None:  # noqa: ANN401
    if Refund.objects.filter(pk=refund_id, order__isnull=False).exists():
        mail_tasks.mail_refund.delay(refund_id)


def on_dispute_news(sender: object, *, dispute_id: int, side: str, **_: Any) -> None:  # noqa: ANN401
    count = Dispute.objects.get(pk=dispute_id).messages.count()
    for reader in (Side.BUYER, Side.SELLER):
        if reader != side:
            mail_tasks.mail_dispute.delay(dispute_id, reader, count)
