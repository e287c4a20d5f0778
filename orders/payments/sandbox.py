"""The practice provider: a payment page of our own where nobody pays and everything can go wrong."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from common.errors import ProviderRefused
from common.prepared import Prepared, PreparedUpdate, insert
from orders.models import SandboxPayment, SandboxRefund
from orders.payments.base import BadSignature, Charge, Notice, Outcome, Payments, Started, State

Choice = SandboxPayment.Choice
STATES = {
    Choice.SUCCEED: State.SUCCEEDED,
    Choice.SLOW: State.SUCCEEDED,
    Choice.TWICE: State.SUCCEEDED,
    Choice.SILENT: State.SUCCEEDED,
    Choice.LATE: State.SUCCEEDED,
    Choice.WRONG: State.SUCCEEDED,
    Choice.FAIL: State.FAILED,
    Choice.CANCEL: State.CANCELLED,
}
WRONG_BY = 100
"""Won that a payment of a wrong amount is short."""
SIGNATURE = "x-sandbox-signature"


class SandboxPayments(Payments):
    def start(self, charge: Charge) -> Started:
        begun = SandboxPayment(
            ref=charge.ref,
            amount=charge.amount,
            order_name=charge.order_name,
            return_url=charge.return_url,
            expires_at=charge.expires_at,
        )
        if not _later(charge.ref, charge.expires_at):  # a second call: the hold may have been made longer
            with (
                suppress(IntegrityError),
                transaction.atomic(),
            ):  # another tab was faster, or it was pressed already
                insert(begun)
        return Started(address=reverse("orders:sandbox", args=[charge.ref]))

    def look_up(self, ref: str, provider_ref: str) -> Outcome:
        payment = _known.first(ref)
        return _outcome(payment) if payment else Outcome(state=State.UNKNOWN)

    def cancel(self, ref: str, provider_ref: str) -> None:
        press_for(ref, Choice.CANCEL)

    @transaction.atomic
    def refund(self, ref: str, provider_ref: str, amount: int, *, key: str, reason: str) -> None:
        payment = SandboxPayment.objects.select_for_update().filter(ref=ref).first()
        if payment is None or _outcome(payment).state != State.SUCCEEDED:
            raise ProviderRefused(f"nothing to refund for {ref}")
        if payment.refunds.filter(key=key).exists():
            return
        back = payment.refunds.aggregate(won=Sum("amount"))["won"] or 0
        if back + amount > _outcome(payment).amount:
            raise ProviderRefused(f"more to refund than was paid for {ref}")
        SandboxRefund.objects.create(payment=payment, key=key, amount=amount)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), sign(body)):
            raise BadSignature
        said = json.loads(body)
        if not isinstance(said, dict) or not {"id", "type", "ref"} <= set(said):
            raise ValueError("no notice of the practice provider")
        return Notice(event_id=str(said["id"]), type=str(said["type"]), ref=str(said["ref"]))


_known = Prepared(lambda ref: SandboxPayment.objects.filter(ref=ref))
_later = PreparedUpdate(
    lambda ref, at: (SandboxPayment.objects.filter(ref=ref, choice=""), {"expires_at": at})
)


def sign(body: bytes) -> str:
    """Return what the practice provider sends with a webhook call."""
    return hmac.new(settings.SECRET_KEY.encode(), b"sandbox:" + body, hashlib.sha256).hexdigest()


def press(payment: SandboxPayment, choice: str) -> bool:
    """Note what the buyer pressed; False if something was pressed before or the time is over."""
    return press_for(payment.ref, choice)


def press_for(ref: str, choice: str) -> bool:
    now = timezone.now()
    if choice == Choice.LATE:
        payment = _known.first(ref)
        known_at = payment.expires_at + timedelta(seconds=1) if payment else now
    else:
        known_at = now + SandboxPayment.SLOWNESS if choice == Choice.SLOW else now
    return bool(_press(ref, now, choice, known_at))


_press = PreparedUpdate(
    lambda ref, now, choice, known_at: (
        SandboxPayment.objects.filter(ref=ref, choice="", expires_at__gt=now),
        {"choice": choice, "known_at": known_at},
    )
)


def _outcome(payment: SandboxPayment) -> Outcome:
    now = timezone.now()
    if payment.known_at is None:
        return Outcome(state=State.CANCELLED if payment.expires_at <= now else State.WAITING)
    if payment.known_at > now:
        return Outcome(state=State.WAITING)
    state = STATES[Choice(payment.choice)]
    amount = payment.amount - WRONG_BY if payment.choice == Choice.WRONG else payment.amount
    return Outcome(state=state, amount=amount, provider_ref=f"sandbox-{payment.pk}")
