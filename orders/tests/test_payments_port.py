"""What every payment provider must do, run against every adapter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ProviderRefused
from orders.models import SandboxPayment
from orders.payments import payments
from orders.payments.base import Charge, State
from orders.payments.sandbox import press

pytestmark = pytest.mark.django_db


class SandboxHands:
    """How a buyer of the practice provider acts."""

    method = "sandbox"

    def press(self, charge: Charge, choice: str) -> None:
        press(SandboxPayment.objects.get(ref=charge.ref), choice)

    def let_time_pass(self, charge: Charge) -> None:
        past = timezone.now() - timedelta(seconds=1)
        SandboxPayment.objects.filter(ref=charge.ref).update(expires_at=past)


@pytest.fixture(params=[SandboxHands])
def hands(request):
    return request.param()


@pytest.fixture
def provider(hands):
    return payments(hands.method)


@pytest.fixture
def charge():
    return Charge(
        ref="abcdefghjkmn",
        amount=12_900,
        order_name="울 자켓",
        return_url="http://testserver/back/",
        expires_at=timezone.now() + timedelta(minutes=10),
    )


def test_an_unknown_payment_is_said_to_be_unknown(provider):
    assert provider.look_up("nosuchref").state == State.UNKNOWN


def test_starting_twice_is_one_payment(provider, charge):
    assert provider.start(charge) == provider.start(charge)
    assert provider.look_up(charge.ref).state == State.WAITING


@pytest.mark.parametrize(
    ("choice", "state"),
    [("succeed", State.SUCCEEDED), ("fail", State.FAILED), ("cancel", State.CANCELLED)],
)
def test_it_tells_what_became_of_it(provider, hands, charge, choice, state):
    provider.start(charge)
    hands.press(charge, choice)
    outcome = provider.look_up(charge.ref)
    assert outcome.state == state
    assert outcome.provider_ref
    if state == State.SUCCEEDED:
        assert outcome.amount == 12_900


def test_the_first_choice_counts(provider, hands, charge):
    provider.start(charge)
    hands.press(charge, "fail")
    hands.press(charge, "succeed")
    assert provider.look_up(charge.ref).state == State.FAILED


def test_no_money_is_taken_after_the_time(provider, hands, charge):
    provider.start(charge)
    hands.let_time_pass(charge)
    hands.press(charge, "succeed")
    assert provider.look_up(charge.ref).state == State.CANCELLED


def test_a_success_is_refunded_any_number_of_times(provider, hands, charge):
    provider.start(charge)
    hands.press(charge, "succeed")
    provider.refund(charge.ref)
    first = SandboxPayment.objects.get().refunded_at
    provider.refund(charge.ref)
    assert first is not None
    assert SandboxPayment.objects.get().refunded_at == first


def test_what_was_not_paid_is_not_refunded(provider, hands, charge):
    for ref in ("nosuchref", charge.ref):
        with pytest.raises(ProviderRefused):
            provider.refund(ref)
        provider.start(charge)
