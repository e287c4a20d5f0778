"""Fixtures of every test that speaks to a payment provider."""

from collections.abc import Iterator

import pytest

from tests.payments import stripe, toss
from tests.payments.server import serving
from tests.payments.stripe import FakeStripe
from tests.payments.toss import FakeToss


def _offer(settings, method: str, backend: str) -> None:
    settings.PAYMENTS = settings.PAYMENTS | {method: {"BACKEND": backend, "FEE_BASIS_POINTS": 300}}
    settings.PAYMENT_METHODS = [*settings.PAYMENT_METHODS, method]


@pytest.fixture
def fake_stripe(settings) -> Iterator[FakeStripe]:
    """Stripe on this machine; `orders.payments.payments("stripe")` speaks to it."""
    fake = FakeStripe()
    with serving(fake) as address:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = stripe.SECRET_KEY, stripe.WEBHOOK_SECRET
        settings.STRIPE_API_BASE = address
        _offer(settings, "stripe", "orders.payments.stripe.StripePayments")
        yield fake


@pytest.fixture
def fake_toss(settings) -> Iterator[FakeToss]:
    """Toss Payments on this machine; `orders.payments.payments("toss")` speaks to it."""
    fake = FakeToss()
    with serving(fake) as address:
        settings.TOSS_SECRET_KEY, settings.TOSS_API_BASE = toss.SECRET_KEY, address
        _offer(settings, "toss", "orders.payments.toss.TossPayments")
        yield fake
