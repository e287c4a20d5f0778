"""Both sides at once, and many tabs: with real threads and row locks."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from catalog.models import Stock
from orders.confirming import confirm_order
from orders.models import Checkout, Meeting, Offer, OrderLog, Refund, Transfer
from orders.second_hand import hand_over as hand_over_module
from orders.second_hand import offers
from orders.second_hand.hand_over import TRIES, hand_over, note_received
from orders.second_hand.no_show import report_missed
from orders.second_hand.offers import (
    OfferOver,
    accept_offer,
    check_out,
    counter_offer,
    decline_offer,
    withdraw_offer,
)
from orders.second_hand.sweeps import remind_of_meetings, settle_missed
from orders.tests.second_hand import code_for, meet, open_stall, wrong_code_for
from tests.concurrency import PATIENCE_SECONDS, at_once, make_buyers

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TABS = 8


@pytest.fixture
def stall():
    return open_stall()


def names(results):
    return sorted(type(result).__name__ for result in results)


def test_the_same_offer_in_many_tabs_is_one(stall):
    results = at_once(*[stall.offer] * TABS)
    assert names(results) == sorted(["Offer"] + ["OfferRefused"] * (TABS - 1))
    assert Offer.objects.count() == 1


def test_the_same_tabs_make_many_offers_without_the_lock(stall, monkeypatch):
    """Shows that the test above can see a double."""
    everybody_has_looked = threading.Barrier(TABS)
    lookup = offers.running_at

    def look():
        found = lookup()
        everybody_has_looked.wait(PATIENCE_SECONDS)
        return found

    class Unlocked:
        get = staticmethod(lambda **_: None)

    monkeypatch.setattr(offers.User.objects, "select_for_update", Unlocked)
    monkeypatch.setattr(offers, "running_at", look)
    at_once(*[stall.offer] * TABS)
    assert Offer.objects.count() > 1


def test_of_all_answers_at_once_one_counts(stall):
    offer = stall.offer()
    results = at_once(
        partial(accept_offer, offer.pk, "seller", seen_price=8_000),
        partial(decline_offer, offer.pk, "seller"),
        partial(counter_offer, offer.pk, "seller", price=9_000),
        partial(withdraw_offer, offer.pk),
    )
    offer.refresh_from_db()
    # A counter or an acceptance may still be withdrawn after it; nothing else follows on anything.
    assert offer.status in ("accepted", "declined", "open", "withdrawn")
    prices = list(offer.steps.values_list("price", flat=True))
    assert prices in ([8_000], [8_000, 9_000])
    assert sum(isinstance(result, Offer) for result in results) in (1, 2)
    if offer.status == "accepted":
        assert offer.price == 8_000


def test_an_offer_checked_out_in_many_tabs_is_one_hold(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    results = at_once(*[partial(check_out, offer.pk)] * TABS)
    assert results == [Checkout.objects.get()] * TABS
    assert Stock.objects.get().left == 0


def test_of_many_with_a_yes_one_gets_the_only_piece(stall):
    agreed = []
    for buyer in make_buyers(TABS):
        offer = stall.offer(buyer=buyer)
        accept_offer(offer.pk, "seller", seen_price=8_000)
        agreed.append(partial(check_out, offer.pk))
    assert names(at_once(*agreed)) == sorted(["Checkout"] + ["NotForSale"] * (TABS - 1))
    assert (Stock.objects.get().left, Checkout.objects.count()) == (0, 1)


def test_withdrawing_and_checking_out_at_once_do_not_both_happen(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    results = at_once(partial(check_out, offer.pk), partial(withdraw_offer, offer.pk))
    offer.refresh_from_db()
    assert sum(isinstance(result, OfferOver) for result in results) == 1
    assert (offer.status, Checkout.objects.count()) in [("accepted", 1), ("withdrawn", 0)]


def test_a_code_typed_in_many_tabs_pays_once(stall):
    order = stall.sell()
    meet(order)
    code = code_for(order)
    results = at_once(
        *[partial(hand_over, order.pk, code, by=order.seller)] * TABS,
        partial(note_received, order.pk, by=order.buyer),
    )
    assert names(results) == sorted(["NoneType"] + ["MeetingRefused"] * TABS)
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert Transfer.objects.filter(order=order, kind=Transfer.Kind.SALE).count() == 1


def test_guesses_at_once_are_all_counted(stall):
    order = stall.sell()
    meet(order)
    wrong = wrong_code_for(order)
    results = at_once(*[partial(hand_over, order.pk, wrong, by=order.seller)] * TABS * 2)
    assert names(results) == sorted(["WrongCode"] * TRIES + ["TooManyTries"] * (TABS * 2 - TRIES))
    assert Meeting.objects.get().wrong_tries == TRIES


def test_the_same_guesses_slip_through_without_the_lock(stall, monkeypatch):
    """Shows that the test above can see it."""
    order = stall.sell()
    meet(order)
    wrong = wrong_code_for(order)
    everybody_has_read = threading.Barrier(TABS)

    def read(order_id):
        found = order, Meeting.objects.get(order=order_id)
        everybody_has_read.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(hand_over_module, "lock_deal", read)
    results = at_once(*[partial(hand_over, order.pk, wrong, by=order.seller)] * TABS)
    assert names(results) == ["WrongCode"] * TABS


def test_a_code_and_a_refund_at_once_do_not_both_happen(stall):
    order = stall.sell()
    meet(order, hours=-1)
    report_missed(order.pk, "buyer", by=order.buyer)
    OrderLog.objects.filter(type="meeting.missed").update(at=timezone.now() - timedelta(days=3))
    at_once(
        partial(hand_over, order.pk, code_for(order), by=order.seller),
        *[partial(settle_missed, timezone.now())] * 3,
    )
    order.refresh_from_db()
    refunded, sold = Refund.objects.count(), Transfer.objects.filter(kind=Transfer.Kind.SALE).count()
    assert (order.status, refunded, sold) in [("confirmed", 0, 1), ("cancelled", 1, 0)]
    assert Stock.objects.get().left == refunded


def test_a_code_and_the_buyers_own_confirmation_pay_once(stall):
    order = stall.sell()
    meet(order)
    at_once(
        partial(hand_over, order.pk, code_for(order), by=order.seller),
        partial(confirm_order, order.pk, by=order.buyer),
    )
    assert Transfer.objects.filter(order=order, kind=Transfer.Kind.SALE).count() == 1


def test_two_beats_remind_once(stall):
    order = stall.sell()
    meet(order, hours=0.5)
    assert sum(at_once(*[partial(remind_of_meetings, timezone.now())] * 4)) == 1
