"""The stand-ins are as strict as they say: what no documentation has is refused, and fails the test that did it."""

import time

import httpx
import pytest

from tests.payments import stripe, toss
from tests.payments.server import FakeProvider, serving
from tests.payments.stripe import FakeStripe
from tests.payments.toss import FakeToss

SESSION = {
    "mode": "payment",
    "success_url": "https://shop.example/back/",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "krw",
    "line_items[0][price_data][unit_amount]": "12900",
    "expires_at": "",
}
PAYMENT = {
    "method": "CARD",
    "amount": 12_900,
    "orderId": "abcdefghjkmn",
    "orderName": "울 자켓",
    "successUrl": "https://shop.example/back/",
    "failUrl": "https://shop.example/back/",
}


def to_stripe(address, content, *, key="k", secret=stripe.SECRET_KEY, version=stripe.VERSION):
    headers = {"Authorization": f"Bearer {secret}", "Stripe-Version": version, "Idempotency-Key": key}
    return httpx.post(f"{address}/v1/checkout/sessions", data=content, headers=headers)


def to_toss(address, content, *, key="k", secret=toss.SECRET_KEY):
    return httpx.post(
        f"{address}/v1/payments", json=content, headers={"Idempotency-Key": key}, auth=(secret, "")
    )


@pytest.fixture
def session():
    """Parameters of a session that Stripe takes."""
    return SESSION | {"expires_at": str(int(time.time()) + 3600)}


@pytest.fixture
def stripe_address():
    with serving(FakeStripe()) as address:
        yield address


@pytest.fixture
def toss_address():
    with serving(FakeToss()) as address:
        yield address


@pytest.mark.parametrize(
    ("fake", "headers"),
    [
        (FakeStripe(), {"Authorization": f"Bearer {stripe.SECRET_KEY}", "Stripe-Version": stripe.VERSION}),
        (FakeToss(), {"Authorization": toss.AUTHORIZATION}),
    ],
    ids=["stripe", "toss"],
)
def test_an_unknown_call_is_refused_and_fails_the_test(fake: FakeProvider, headers):
    with pytest.raises(AssertionError, match="is not known"), serving(fake) as address:
        assert httpx.get(f"{address}/v1/customers", headers=headers).status_code == 501


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "blue"},
        {"mode": "gift"},
        {"line_items[0][price_data][currency]": "KRW"},
        {"line_items[0][price_data][unit_amount]": "129.00"},
        {"expires_at": "1000000000"},
        {"success_url": "/back/"},
    ],
    ids=str,
)
def test_stripe_refuses_parameters_it_does_not_document(stripe_address, session, wrong):
    assert to_stripe(stripe_address, session, key="right").status_code == 200
    assert to_stripe(stripe_address, session | wrong).status_code == 400


def test_stripe_refuses_callers_versions_and_keys_used_otherwise(stripe_address, session):
    assert to_stripe(stripe_address, session, secret="sk_test_other").status_code == 401
    assert to_stripe(stripe_address, session, version="2019-01-01").status_code == 400
    assert to_stripe(stripe_address, session, key="").status_code == 400
    assert to_stripe(stripe_address, session).json() == to_stripe(stripe_address, session).json()
    other = session | {"line_items[0][quantity]": "2"}
    assert to_stripe(stripe_address, other).json()["error"]["type"] == "idempotency_error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "blue"},
        {"method": "BITCOIN"},
        {"amount": "12900"},
        {"amount": 99},
        {"orderId": "short"},
        {"orderName": ""},
        {"successUrl": "/back/"},
    ],
    ids=str,
)
def test_toss_refuses_parameters_it_does_not_document(toss_address, wrong):
    assert to_toss(toss_address, PAYMENT, key="right").status_code == 200
    assert to_toss(toss_address, PAYMENT | wrong).status_code == 400


def test_toss_refuses_callers_and_missing_keys(toss_address):
    assert to_toss(toss_address, PAYMENT, secret="test_sk_other").status_code == 401
    assert to_toss(toss_address, PAYMENT, key="").status_code == 400
    assert to_toss(toss_address, PAYMENT, key="k" * 301).status_code == 400
    assert to_toss(toss_address, PAYMENT).json() == to_toss(toss_address, PAYMENT).json()
