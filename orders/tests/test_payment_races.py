"""Paying from several sides at once, with real threads and row locks: one payment, one booking, one refund."""

import threading
from functools import partial

import pytest
from django.db import IntegrityError

from common.errors import IllegalMove, ProviderError
from orders import paying
from orders.addressing import set_address
from orders.holding import expire_hold
from orders.models import Checkout, Refund, Transfer
from orders.notices import keep_notice, settle_notice
from orders.paying import confirm_payment, settle_payment, settle_refund, start_payment
from orders.tests.shop import ADDRESS, RETURN_URL, choose, let_time_run_out, open_shop
from tests.concurrency import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def started(shop, method):
    """Return the payment of a checkout whose buyer is on a provider's page."""
    checkout = shop.hold()
    set_address(checkout.pk, ADDRESS)
    start_payment(checkout.pk, method=method, return_url=RETURN_URL)
    return checkout.payments.get()


def tell(method, headers, body):
    if notice := keep_notice(method, headers, body):
        settle_notice(notice.pk)


def state_of(payment):
    payment.refresh_from_db()
    checkout = Checkout.objects.get(pk=payment.checkout_id)
    return checkout.status, checkout.orders.get().status, payment.status


def booked(kind):
    return Transfer.objects.filter(kind=kind).count()


def quiet(results):
    """Nobody was told of anything but a provider that is busy, which is asked again."""
    return all(result is None or type(result) is ProviderError for result in results)


@pytest.mark.parametrize("method", ["sandbox", "stripe", "toss"])
def test_the_return_page_and_three_webhooks_at_once_are_one_payment(shop, request, method):
    fake = request.getfixturevalue(f"fake_{method}") if method != "sandbox" else None
    payment = started(shop, method)
    returned, headers, body = {}, {}, b""
    match method:
        case "sandbox":
            choose(payment, "twice")
        case "stripe":
            fake.pay(payment.provider_ref)
            body, signature = fake.notice(payment.ref)
            headers = {"stripe-signature": signature}
        case "toss":
            returned = fake.prove(payment.ref)
            body = fake.notice(payment.ref)
    webhook = partial(tell, method, headers, body) if body else partial(settle_payment, payment.pk)
    back = partial(confirm_payment, payment.pk, returned)
    results = at_once(back, back, webhook, webhook, webhook)
    assert quiet(results), results
    settle_payment(payment.pk)
    assert state_of(payment) == ("paid", "paid", "confirmed")
    assert (booked("payment"), booked("payment_fee")) == (1, 1)
    assert shop.left == 9
    if method == "toss":
        assert [one["status"] for one in fake.payments.values()] == ["DONE"]


def test_without_the_lock_that_race_ends_in_an_error(shop, monkeypatch):
    """The test above means something: two who both read "started" both book, and only the database stops the second."""
    payment = started(shop, "sandbox")
    choose(payment, "succeed")
    gate = threading.Barrier(2)
    read = paying._by_id.get

    def unlocked(checkout_id):
        return Checkout.objects.get(pk=checkout_id)

    def read_together(*args, **kwargs):
        found = read(*args, **kwargs)
        gate.wait(10)
        return found

    monkeypatch.setattr(paying, "lock_checkout", unlocked)
    monkeypatch.setattr(paying._by_id, "get", read_together)
    results = at_once(*[partial(settle_payment, payment.pk)] * 2)
    assert any(isinstance(result, IntegrityError | IllegalMove) for result in results), results


def test_money_that_comes_while_the_hold_runs_out_goes_back_once(shop, fake_stripe):
    payment = started(shop, "stripe")
    fake_stripe.pay(payment.provider_ref)
    let_time_run_out(payment.checkout)
    results = at_once(
        partial(settle_payment, payment.pk),
        partial(expire_hold, payment.checkout_id),
        partial(confirm_payment, payment.pk, {}),
        partial(settle_payment, payment.pk),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert state_of(payment) == ("expired", "expired", "stray")
    assert Refund.objects.get().status == "done"
    assert [one["amount"] for one in fake_stripe.refunds] == [payment.paid]
    assert (booked("payment"), booked("stray"), booked("refund")) == (0, 1, 1)
    assert shop.left == 10


def test_a_wrong_amount_goes_back_once_however_many_hear_of_it(shop, fake_stripe):
    payment = started(shop, "stripe")
    fake_stripe.pay(payment.provider_ref, amount=100)
    results = at_once(*[partial(settle_payment, payment.pk)] * 4)
    assert quiet(results), results
    assert state_of(payment) == ("failed", "failed", "stray")
    assert [one["amount"] for one in fake_stripe.refunds] == [100]
    assert (booked("stray"), booked("refund")) == (1, 1)


def test_an_unknown_outcome_is_asked_about_until_it_is_known(shop, fake_toss):
    """The word that takes the money arrives; its answer does not."""
    payment = started(shop, "toss")
    returned = fake_toss.prove(payment.ref)
    fake_toss.cut("POST .*/confirm")
    fake_toss.lose("GET .*")
    with pytest.raises(ProviderError):
        confirm_payment(payment.pk, returned)
    assert state_of(payment) == ("open", "placed", "started")
    with pytest.raises(ProviderError):
        settle_payment(payment.pk)
    settle_payment(payment.pk)
    assert state_of(payment) == ("paid", "paid", "confirmed")
    assert booked("payment") == 1


def test_money_taken_while_the_hold_ran_out_unnoticed_goes_back(shop, fake_toss):
    """Toss took it in time, nobody here heard so, and the hold is over by now."""
    payment = started(shop, "toss")
    returned = fake_toss.prove(payment.ref)
    fake_toss.cut("POST .*/confirm")
    with pytest.raises(ProviderError):
        confirm_payment(payment.pk, returned)
    let_time_run_out(payment.checkout)
    at_once(partial(settle_payment, payment.pk), partial(expire_hold, payment.checkout_id))
    settle_payment(payment.pk)
    assert state_of(payment) == ("expired", "expired", "stray")
    assert [one["status"] for one in fake_toss.payments.values()] == ["CANCELED"]


@pytest.mark.parametrize("method", ["stripe", "toss"])
def test_a_refund_whose_answer_was_lost_is_one_refund(shop, request, method):
    fake = request.getfixturevalue(f"fake_{method}")
    payment = started(shop, method)
    if method == "stripe":
        fake.pay(payment.provider_ref)
        settle_payment(payment.pk)
    else:
        confirm_payment(payment.pk, fake.prove(payment.ref))
    order = payment.checkout.orders.get()
    refund = Refund.objects.create(payment=payment, order=order, amount=900, reason="단순 변심")
    fake.cut("POST .*(refunds|cancel)", times=3)
    results = at_once(*[partial(settle_refund, refund.pk)] * 4)
    assert quiet(results), results
    settle_refund(refund.pk)
    refund.refresh_from_db()
    assert (refund.status, booked("refund")) == ("done", 1)
    made = fake.refunds if method == "stripe" else next(iter(fake.payments.values()))["cancels"]
    assert len(made) == 1
