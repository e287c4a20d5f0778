"""Paying an order. The provider is the only witness of what was paid: nothing a browser says counts."""

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import DomainError, ProviderError
from orders.actions import expire_order
from orders.models import Order, Payment
from orders.moves import PaymentStatus, Status, lock_order, move_order, move_payment
from orders.payments import payments
from orders.payments.base import Charge, Outcome, State

logger = logging.getLogger(__name__)


class NotPayable(DomainError):
    """The order is not waiting for a payment."""

    code = "not_payable"


def start_payment(order: Order, *, return_url: str) -> str:
    """Return the address of the provider's page for a pending order. Raises NotPayable, ProviderError."""
    if not order.is_pending or order.is_overdue:
        raise NotPayable(_("결제를 기다리는 주문이 아니에요."))
    payment = order.payments.latest("pk")
    lines = list(order.lines.all())
    charge = Charge(
        ref=payment.ref,
        amount=payment.amount,
        order_name=lines[0].name,
        return_url=return_url,
        expires_at=order.expires_at,
    )
    return payments(payment.method).start(charge)


def settle_payment(payment_id: int) -> None:
    """Ask the provider what became of a payment and bring it and its order there; refund what came too late.

    Safe to run any number of times, also at once. Raises ProviderError: then nothing is decided yet.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.status not in Payment.UNSETTLED:
        return
    Payment.objects.filter(pk=payment_id).update(asked_at=timezone.now())
    provider = payments(payment.method)
    if payment.status == PaymentStatus.STARTED:
        payment = _apply(payment, provider.look_up(payment.ref))
    if payment.status == PaymentStatus.REFUNDING:
        provider.refund(payment.ref)
        _note_refund(payment)


@transaction.atomic
def _apply(payment: Payment, outcome: Outcome) -> Payment:
    order = lock_order(payment.order_id)
    payment = Payment.objects.get(pk=payment.pk)
    if payment.status != PaymentStatus.STARTED or outcome.state == State.WAITING:
        return payment
    in_time = order.is_pending and not order.is_overdue  # by the clock, however late the periodic task is
    match outcome.state:
        case State.UNKNOWN if in_time:
            return payment  # its start may still be on the way
        case State.UNKNOWN | State.CANCELLED:
            payment_end, order_end = PaymentStatus.CANCELLED, Status.CANCELLED
        case State.FAILED:
            payment_end, order_end = PaymentStatus.FAILED, Status.FAILED
        case State.SUCCEEDED if outcome.amount != payment.amount:
            facts = {"payment": payment.ref, "expected": payment.amount, "paid": outcome.amount}
            logger.error("wrong amount paid", extra=facts)
            payment_end, order_end = PaymentStatus.REFUNDING, Status.FAILED
        case State.SUCCEEDED if in_time:
            payment_end, order_end = PaymentStatus.CONFIRMED, Status.PAID
        case _:
            payment_end, order_end = PaymentStatus.REFUNDING, Status.EXPIRED
    payment.provider_ref = outcome.provider_ref
    move_payment(payment, payment_end)
    if order.is_pending:
        move_order(order.pk, order_end if in_time else Status.EXPIRED)
    return payment


@transaction.atomic
def _note_refund(payment: Payment) -> None:
    lock_order(payment.order_id)
    payment = Payment.objects.get(pk=payment.pk)
    if payment.status == PaymentStatus.REFUNDING:
        move_payment(payment, PaymentStatus.REFUNDED)


def catch_up(order: Order) -> None:
    """Bring an order to where it is by now, for a buyer who looks at it. A silent provider leaves it as it was."""
    for payment_id in order.payments.unsettled().values_list("pk", flat=True):
        try:
            settle_payment(payment_id)
        except ProviderError:
            logger.warning("payment not settled", exc_info=True, extra={"order": order.code})
    if order.is_overdue:
        expire_order(order.pk)
    order.refresh_from_db()
