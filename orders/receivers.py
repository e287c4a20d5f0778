"""What orders do when something happened to them: each receiver only queues a task."""

from typing import Any

from orders import tasks
from orders.models import Payment


def on_checkout_ended(sender: object, *, checkout_id: int, **_: Any) -> None:
    if Payment.objects.unsettled().filter(checkout=checkout_id).exists():
        tasks.take_back_payments.delay(checkout_id)


def on_payment_strayed(sender: object, *, payment_id: int, **_: Any) -> None:
    tasks.mail_stray.delay(payment_id)


def on_refund_refused(sender: object, *, refund_id: int, **_: Any) -> None:
    tasks.mail_refused_refund.delay(refund_id)


def on_refund_asked(sender: object, *, refund_id: int, **_: Any) -> None:
    tasks.settle_refund.delay(refund_id)
