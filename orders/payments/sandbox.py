"""The practice provider: a payment page of our own where nobody pays and everything can go wrong."""

from django.urls import reverse
from django.utils import timezone

from common.errors import ProviderRefused
from orders.models import SandboxPayment
from orders.payments.base import Charge, Outcome, Payments, State

STATES = {
    SandboxPayment.Choice.SUCCEED: State.SUCCEEDED,
    SandboxPayment.Choice.SLOW: State.SUCCEEDED,
    SandboxPayment.Choice.FAIL: State.FAILED,
    SandboxPayment.Choice.CANCEL: State.CANCELLED,
}


class SandboxPayments(Payments):
    def start(self, charge: Charge) -> str:
        SandboxPayment.objects.get_or_create(
            ref=charge.ref,
            defaults={
                "amount": charge.amount,
                "order_name": charge.order_name,
                "return_url": charge.return_url,
                "expires_at": charge.expires_at,
            },
        )
        return reverse("orders:sandbox", args=[charge.ref])

    def look_up(self, ref: str) -> Outcome:
        payment = SandboxPayment.objects.filter(ref=ref).first()
        return _outcome(payment) if payment else Outcome(state=State.UNKNOWN)

    def refund(self, ref: str) -> None:
        payment = SandboxPayment.objects.filter(ref=ref).first()
        if payment is None or _outcome(payment).state != State.SUCCEEDED:
            raise ProviderRefused(f"nothing to refund for {ref}")
        SandboxPayment.objects.filter(pk=payment.pk, refunded_at=None).update(refunded_at=timezone.now())


def press(payment: SandboxPayment, choice: str) -> None:
    """Note what the buyer pressed, unless something was pressed before or the time is over."""
    now = timezone.now()
    known_at = now + SandboxPayment.SLOWNESS if choice == SandboxPayment.Choice.SLOW else now
    SandboxPayment.objects.filter(pk=payment.pk, choice="", expires_at__gt=now).update(
        choice=choice, known_at=known_at
    )


def _outcome(payment: SandboxPayment) -> Outcome:
    now = timezone.now()
    if payment.known_at is None:
        return Outcome(state=State.CANCELLED if payment.expires_at <= now else State.WAITING)
    if payment.known_at > now:
        return Outcome(state=State.WAITING)
    state = STATES[SandboxPayment.Choice(payment.choice)]
    return Outcome(state=state, amount=payment.amount, provider_ref=f"sandbox-{payment.pk}")
