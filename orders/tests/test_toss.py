"""What only Toss Payments does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders.payments import payments
from orders.payments.base import Charge, State
from tests.payments.server import Refusal

WON = 12_900


def charge_of(ref="abcdefghjkmn", **changes):
    values = {
        "ref": ref,
        "amount": WON,
        "order_name": "울 자켓",
        "return_url": "http://testserver/back/",
        "started_at": timezone.now(),
        "expires_at": timezone.now() + timedelta(minutes=10),
    }
    return Charge(**values | changes)


@pytest.fixture
def toss(fake_toss):
    return payments("toss")


@pytest.fixture
def started(toss):
    return toss.start(charge_of())


def test_nothing_is_taken_before_our_word(toss, fake_toss, started):
    fake_toss.prove("abcdefghjkmn")
    assert toss.look_up("abcdefghjkmn", started.provider_ref).state == State.WAITING
    assert fake_toss.of("abcdefghjkmn")["approvedAt"] is None


@pytest.mark.parametrize(
    ("code", "state"), [("PAY_PROCESS_CANCELED", State.CANCELLED), ("REJECT_CARD_COMPANY", State.FAILED)]
)
def test_what_the_buyer_comes_back_with_ends_an_open_payment(toss, fake_toss, started, code, state):
    returned = fake_toss.leave("abcdefghjkmn", code)
    assert toss.confirm("abcdefghjkmn", started.provider_ref, WON, returned).state == state


def test_it_ends_no_payment_that_was_made(toss, fake_toss, started):
    toss.confirm("abcdefghjkmn", started.provider_ref, WON, fake_toss.prove("abcdefghjkmn"))
    returned = fake_toss.leave("abcdefghjkmn")
    assert toss.confirm("abcdefghjkmn", started.provider_ref, WON, returned).state == State.SUCCEEDED


def test_an_amount_in_the_address_counts_for_nothing(toss, fake_toss, started):
    returned = fake_toss.prove("abcdefghjkmn") | {"amount": "100"}
    assert toss.confirm("abcdefghjkmn", started.provider_ref, WON, returned).amount == WON


def test_the_key_of_another_payment_pays_nothing(toss, fake_toss, started):
    toss.start(charge_of("zzzzzzzzzzzz", amount=100))
    cheap = fake_toss.prove("zzzzzzzzzzzz")
    outcome = toss.confirm("abcdefghjkmn", started.provider_ref, WON, cheap)
    assert outcome.state == State.WAITING
    # a wrong key does not spoil the right one
    right = fake_toss.prove("abcdefghjkmn")
    assert toss.confirm("abcdefghjkmn", started.provider_ref, WON, right).state == State.SUCCEEDED


def test_what_came_back_in_part_is_not_held_any_more(toss, fake_toss, started):
    toss.confirm("abcdefghjkmn", started.provider_ref, WON, fake_toss.prove("abcdefghjkmn"))
    toss.refund("abcdefghjkmn", started.provider_ref, 900, key="a" * 12, reason="단순 변심")
    outcome = toss.look_up("abcdefghjkmn", started.provider_ref)
    assert (outcome.state, outcome.amount) == (State.SUCCEEDED, WON - 900)


def test_long_names_and_reasons_are_cut_to_what_toss_takes(toss, fake_toss):
    started = toss.start(charge_of(order_name="가" * 200))
    toss.confirm("abcdefghjkmn", started.provider_ref, WON, fake_toss.prove("abcdefghjkmn"))
    for _ in range(2):
        toss.refund("abcdefghjkmn", started.provider_ref, 900, key="a" * 12, reason="나" * 300)
        fake_toss.forget_keys()
    assert len(fake_toss.of("abcdefghjkmn")["cancels"]) == 1


def test_a_status_that_is_new_decides_nothing(toss, fake_toss, started):
    fake_toss.of("abcdefghjkmn")["status"] = "SOMETHING_NEW"
    with pytest.raises(ProviderError) as raised:
        toss.look_up("abcdefghjkmn", started.provider_ref)
    assert not isinstance(raised.value, ProviderRefused)


@pytest.mark.parametrize(
    ("status", "code", "refused"),
    [
        (500, "FAILED_INTERNAL_SYSTEM_PROCESSING", False),
        (429, "TOO_MANY_REQUESTS", False),
        (409, "IDEMPOTENT_REQUEST_PROCESSING", False),
        (400, "PROVIDER_ERROR", False),
        (400, "INVALID_REQUEST", True),
        (403, "NOT_CANCELABLE_AMOUNT", True),
    ],
)
def test_only_what_will_never_work_is_a_refusal(toss, fake_toss, status, code, refused):
    fake_toss.fail("POST .*", Refusal(status, {"code": code, "message": "…"}))
    with pytest.raises(ProviderError) as raised:
        toss.start(charge_of())
    assert isinstance(raised.value, ProviderRefused) is refused
    assert str(raised.value) == f"toss: {status} {code}"
