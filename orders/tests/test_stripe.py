"""What only Stripe does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders.payments import payments
from orders.payments.base import Charge
from tests.payments.server import Refusal


@pytest.fixture
def charge():
    return Charge(
        ref="abcdefghjkmn",
        amount=12_900,
        order_name="울 자켓 외",
        return_url="http://testserver/back/",
        started_at=timezone.now(),
        expires_at=timezone.now() + timedelta(minutes=10),
    )


@pytest.fixture
def stripe(fake_stripe):
    return payments("stripe")


@pytest.fixture
def paid(stripe, fake_stripe, charge):
    """The session of a payment that was made."""
    name = stripe.start(charge).provider_ref
    fake_stripe.pay(name)
    return name


def test_a_hold_made_longer_goes_on_with_the_same_session(stripe, fake_stripe, charge):
    first = stripe.start(charge)
    longer = Charge(**vars(charge) | {"expires_at": charge.expires_at + timedelta(minutes=3)})
    assert stripe.start(longer) == first
    assert len(fake_stripe.sessions) == 1


def test_won_are_sent_as_won(stripe, fake_stripe, charge):
    name = stripe.start(charge).provider_ref
    assert fake_stripe.sessions[name]["amount_total"] == 12_900


def test_another_payment_under_the_same_name_is_refused(stripe, charge):
    stripe.start(charge)
    with pytest.raises(ProviderError) as error:
        stripe.start(Charge(**vars(charge) | {"amount": 1_000}))
    assert "IdempotencyError" in str(error.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [("pending", ProviderError), ("failed", ProviderRefused), ("canceled", ProviderRefused)],
)
def test_a_refund_is_done_when_stripe_says_so(stripe, fake_stripe, charge, paid, status, error):
    fake_stripe.refund_status = status
    with pytest.raises(ProviderError) as raised:
        stripe.refund(charge.ref, paid, 900, key="a" * 12, reason="단순 변심")
    assert type(raised.value) is error


def test_a_pending_refund_is_found_done_later(stripe, fake_stripe, charge, paid):
    fake_stripe.refund_status = "pending"
    with pytest.raises(ProviderError):
        stripe.refund(charge.ref, paid, 900, key="a" * 12, reason="단순 변심")
    fake_stripe.refunds[0]["status"] = "succeeded"
    stripe.refund(charge.ref, paid, 900, key="a" * 12, reason="단순 변심")
    assert len(fake_stripe.refunds) == 1


def test_one_refund_among_more_than_a_page_is_found(stripe, fake_stripe, charge, paid, monkeypatch):
    monkeypatch.setattr("orders.payments.stripe.REFUNDS_A_PAGE", 2)
    for number in range(5):
        stripe.refund(charge.ref, paid, 100, key=f"key{number}", reason="")
    fake_stripe.forget_keys()
    stripe.refund(charge.ref, paid, 100, key="key0", reason="")
    assert len(fake_stripe.refunds) == 5


@pytest.mark.parametrize("status", [500, 503, 429, 409])
def test_what_passes_by_itself_is_no_refusal(stripe, fake_stripe, charge, status):
    busy = Refusal(status, {"error": {"type": "api_error", "message": "busy"}})
    fake_stripe.fail("POST /v1/checkout/sessions", busy, times=2)
    with pytest.raises(ProviderError) as raised:
        stripe.start(charge)
    assert type(raised.value) is ProviderError


def test_people_and_keys_stay_out_of_errors(stripe, fake_stripe, charge):
    text = {
        "error": {
            "type": "invalid_request_error",
            "code": "email_invalid",
            "message": "Invalid: kim@example.com",
        }
    }
    fake_stripe.fail("POST .*", Refusal(400, text))
    with pytest.raises(ProviderRefused) as raised:
        stripe.start(charge)
    assert str(raised.value) == "stripe: email_invalid"
    assert raised.value.__suppress_context__
