"""Support messages in the states that tests need."""

from uuid import uuid4

from accounts.models import User
from broadcasts.models import Broadcast
from chat.support.actions import begin_support
from chat.support.models import SupportMessage
from orders.models import Payment, SandboxPayment
from orders.paying import settle_payment, start_payment
from orders.payments.sandbox import press


def begin(show: Broadcast, giver: User, **changes: object) -> SupportMessage:
    said = {"amount": 10_000, "text": "응원해요!", "key": uuid4()} | changes
    return begin_support(giver, show, **said)  # type: ignore[arg-type]


def pay(
    message: SupportMessage, choice: SandboxPayment.Choice = SandboxPayment.Choice.SUCCEED
) -> SupportMessage:
    start_payment(message.pk, method="sandbox", return_url="http://testserver/back/{ref}/")
    payment = Payment.objects.get(checkout=message.pk)
    press(SandboxPayment.objects.get(ref=payment.ref), choice)
    settle_payment(payment.pk)
    return message
