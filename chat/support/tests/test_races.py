"""Pressed twice, told twice, refunded twice: everything happens once."""

from uuid import uuid4

import pytest
from django.utils import timezone

from chat.support.actions import begin_support, refund_support
from chat.support.models import SupportMessage
from orders.ledger.walk import walk
from orders.models import Checkout, Payment, Refund, SandboxPayment, Transfer
from orders.paying import settle_payment, start_payment
from orders.payments.sandbox import press
from tests.concurrency import at_once
from tests.makers import make_broadcast, make_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


def test_one_press_or_many_are_one_message_paid_once_and_given_back_once(show):
    giver, key = make_member(), uuid4()
    begin = lambda: begin_support(giver, show, amount=10_000, text="응원해요!", key=key)  # noqa: E731 a job
    messages = at_once(*[begin] * 6)
    message = SupportMessage.objects.get()
    assert messages == [message] * 6
    assert Checkout.objects.count() == 1

    start = lambda: start_payment(message.pk, method="sandbox", return_url="http://testserver/{ref}/")  # noqa: E731
    assert len(set(at_once(*[start] * 4))) == 1
    payment = Payment.objects.get()
    press(SandboxPayment.objects.get(), SandboxPayment.Choice.SUCCEED)
    at_once(*[lambda: settle_payment(payment.pk)] * 6)
    assert Transfer.objects.filter(kind=Transfer.Kind.TIP).count() == 1

    results = at_once(*[lambda: refund_support(message, reason="잘못 보냈어요")] * 5)
    assert sorted(results) == [False] * 4 + [True]
    assert Refund.objects.count() == 1
    assert list(walk()) == []
