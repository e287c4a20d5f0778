"""Offers on second-hand goods: who may say what, at which price, until when, and what the agreed price buys."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Product, Stock
from common.errors import IllegalMove
from orders.holding import NotForSale, OwnProduct
from orders.models import Checkout, Offer
from orders.second_hand import offers
from orders.second_hand.mails import mail_about_offer
from orders.second_hand.offers import (
    MOVES,
    NotYourTurn,
    OfferOver,
    OfferRefused,
    accept_offer,
    check_out,
    counter_offer,
    decline_offer,
    make_offer,
    withdraw_offer,
)
from orders.second_hand.sweeps import lapse_offers
from orders.tests.second_hand import PRICE, open_stall, pay
from orders.tests.shop import let_time_run_out
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db

Status = Offer.Status


@pytest.fixture
def stall():
    return open_stall()


def let_answer_time_run_out(offer):
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_an_offer_starts_open_with_its_first_step(stall):
    offer = stall.offer(8_000)
    assert (offer.status, offer.by, offer.price) == (Status.OPEN, "buyer", 8_000)
    assert list(offer.steps.values_list("by", "price")) == [("buyer", 8_000)]
    assert offer.expires_at > timezone.now() + timedelta(hours=23)


def test_an_offer_stands_while_no_mail_can_be_queued(stall, monkeypatch, django_capture_on_commit_callbacks):
    def away(*_args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(mail_about_offer, "delay", away)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        offer = stall.offer()
    assert sent
    assert offer.status == Status.OPEN


@pytest.mark.parametrize("price", [2_999, 10_001, 0])
def test_a_price_out_of_bounds_is_refused(stall, price):
    with pytest.raises(OfferRefused, match=r"3,000원부터 10,000원까지"):
        stall.offer(price)


@pytest.mark.parametrize("price", [3_000, 10_000])
def test_the_bounds_themselves_are_prices(stall, price):
    assert stall.offer(price).price == price


def test_the_least_is_what_providers_take(stall):
    Product.objects.filter(pk=stall.product.pk).update(price=200)
    assert offers.bounds_of(stall.variant) == (100, 200)


def test_an_odd_price_rounds_the_least_up(stall):
    Product.objects.filter(pk=stall.product.pk).update(price=9_999)
    assert offers.bounds_of(stall.variant) == (3_000, 9_999)


def test_retail_goods_have_their_price(stall):
    retail = make_product(stall.seller)
    with pytest.raises(OfferRefused, match="제안할 수 없는"):
        make_offer(retail.variants.get().pk, buyer=stall.buyer, price=10_000)


def test_nobody_bargains_with_themselves(stall):
    with pytest.raises(OwnProduct):
        stall.offer(buyer=stall.seller)


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_what_is_not_on_sale_cannot_be_offered_on(stall, state):
    Product.objects.filter(pk=stall.product.pk).update(state=state)
    with pytest.raises(NotForSale):
        stall.offer()


def test_what_is_sold_out_cannot_be_offered_on(stall):
    Stock.objects.update(left=0)
    with pytest.raises(NotForSale, match="다 팔린"):
        stall.offer()


def test_a_second_offer_on_the_same_piece_waits_for_the_first(stall):
    first = stall.offer()
    with pytest.raises(OfferRefused, match="아직 있어요"):
        stall.offer(9_000)
    withdraw_offer(first.pk)
    assert stall.offer(9_000).price == 9_000


def test_an_offer_whose_time_is_over_is_in_nobodys_way(stall):
    let_answer_time_run_out(stall.offer())
    assert stall.offer(9_000).status == Status.OPEN


def test_a_buyer_has_only_so_many_offers_open(stall, monkeypatch):
    monkeypatch.setattr(offers, "MOST_UNANSWERED", 1)
    stall.offer()
    another = make_product(stall.seller, deal="second_hand", price=PRICE)
    with pytest.raises(OfferRefused, match="1개까지"):
        make_offer(another.variants.get().pk, buyer=stall.buyer, price=8_000)


def test_prices_go_to_and_fro_until_one_is_accepted(stall):
    offer = stall.offer(7_000)
    counter_offer(offer.pk, "seller", price=9_000, message="상태가 좋아요")
    counter_offer(offer.pk, "buyer", price=8_000)
    accept_offer(offer.pk, "seller", seen_price=8_000)
    offer.refresh_from_db()
    assert (offer.status, offer.price, offer.by) == (Status.ACCEPTED, 8_000, "buyer")
    assert list(offer.steps.values_list("by", "price")) == [
        ("buyer", 7_000),
        ("seller", 9_000),
        ("buyer", 8_000),
    ]


def test_who_named_the_price_waits(stall):
    offer = stall.offer()
    for answer in (
        lambda: accept_offer(offer.pk, "buyer", seen_price=8_000),
        lambda: decline_offer(offer.pk, "buyer"),
        lambda: counter_offer(offer.pk, "buyer", price=7_000),
    ):
        with pytest.raises(NotYourTurn):
            answer()
    counter_offer(offer.pk, "seller", price=9_000)
    with pytest.raises(NotYourTurn):
        accept_offer(offer.pk, "seller", seen_price=9_000)


def test_a_counter_is_a_better_price_for_who_names_it(stall):
    offer = stall.offer(8_000)
    for price in (8_000, 7_000):
        with pytest.raises(OfferRefused, match="높게"):
            counter_offer(offer.pk, "seller", price=price)
    counter_offer(offer.pk, "seller", price=9_000)
    for price in (9_000, 9_500):
        with pytest.raises(OfferRefused, match="낮게"):
            counter_offer(offer.pk, "buyer", price=price)


def test_bargaining_comes_to_an_end(stall, monkeypatch):
    monkeypatch.setattr(offers, "MOST_STEPS", 1)
    with pytest.raises(OfferRefused, match="더 주고받을 수 없어요"):
        counter_offer(stall.offer().pk, "seller", price=9_000)


def test_only_the_price_that_was_seen_is_accepted(stall):
    offer = stall.offer(7_000)
    counter_offer(offer.pk, "seller", price=9_000)
    counter_offer(offer.pk, "buyer", price=8_000)
    with pytest.raises(OfferOver, match="금액이 바뀌었어요"):
        accept_offer(offer.pk, "seller", seen_price=7_000)


def test_nothing_is_answered_after_its_time(stall):
    offer = stall.offer()
    let_answer_time_run_out(offer)
    with pytest.raises(OfferOver, match="시간이 지났어요"):
        accept_offer(offer.pk, "seller", seen_price=8_000)


def test_what_was_sold_meanwhile_cannot_be_accepted(stall):
    offer = stall.offer()
    Stock.objects.update(left=0)
    with pytest.raises(NotForSale):
        accept_offer(offer.pk, "seller", seen_price=8_000)


def test_an_answer_pressed_twice_is_one(stall):
    offer = stall.offer()
    until = accept_offer(offer.pk, "seller", seen_price=8_000).expires_at
    assert accept_offer(offer.pk, "seller", seen_price=8_000).expires_at == until
    other = stall.offer(buyer=make_member())
    decline_offer(other.pk, "seller")
    assert decline_offer(other.pk, "seller").status == Status.DECLINED
    third = stall.offer(buyer=make_member())
    withdraw_offer(third.pk)
    assert withdraw_offer(third.pk).status == Status.WITHDRAWN


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_every_pair_of_statuses_moves_as_the_table_says(stall, before, to):
    offer = stall.offer()
    Offer.objects.filter(pk=offer.pk).update(status=before)
    offer.refresh_from_db()
    if to in MOVES[before]:
        offers._move(offer, to)
    else:
        with pytest.raises(IllegalMove):
            offers._move(offer, to)
    offer.refresh_from_db()
    assert offer.status == (to if to in MOVES[before] else before)


def test_the_table_names_every_status():
    assert set(MOVES) == set(Status)
    assert set().union(*MOVES.values()) <= set(Status)


def test_an_agreed_price_is_what_is_paid(stall):
    offer = stall.offer(8_000)
    accept_offer(offer.pk, "seller", seen_price=8_000)
    checkout = check_out(offer.pk)
    assert (checkout.goods, checkout.shipping, checkout.total) == (8_000, 0, 8_000)
    order = pay(checkout)
    assert (order.status, order.total, order.lines.get().regular_price) == ("paid", 8_000, PRICE)
    assert Stock.objects.get().left == 0


def test_checking_out_twice_is_one_hold(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    first = check_out(offer.pk)
    assert check_out(offer.pk) == first
    pay(first)
    assert check_out(offer.pk) == first
    assert Checkout.objects.count() == 1


def test_a_hold_that_ran_out_may_be_taken_again(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    first = check_out(offer.pk)
    let_time_run_out(first)
    second = check_out(offer.pk)
    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "open")
    offer.refresh_from_db()
    assert offer.checkout == second
    assert Stock.objects.get().left == 0


def test_the_agreed_price_lasts_only_so_long(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    let_answer_time_run_out(offer)
    with pytest.raises(OfferOver, match="시간이 지났어요"):
        check_out(offer.pk)


def test_what_nobody_agreed_on_cannot_be_paid(stall):
    with pytest.raises(OfferOver):
        check_out(stall.offer().pk)


def test_who_comes_second_is_told_that_it_is_gone(stall):
    first, second = stall.offer(), stall.offer(buyer=make_member())
    for offer in (first, second):
        accept_offer(offer.pk, "seller", seen_price=8_000)
    check_out(first.pk)
    with pytest.raises(NotForSale, match="다른 분이 사 갔어요"):
        check_out(second.pk)


def test_an_offer_being_paid_is_not_withdrawn(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    checkout = check_out(offer.pk)
    with pytest.raises(OfferOver):
        withdraw_offer(offer.pk)
    pay(checkout)
    with pytest.raises(OfferOver):
        withdraw_offer(offer.pk)


def test_the_buyer_may_let_an_agreed_price_go(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    assert withdraw_offer(offer.pk).status == Status.WITHDRAWN
    with pytest.raises(OfferOver):
        check_out(offer.pk)


def test_what_nobody_answers_lapses(stall):
    offer, fresh = stall.offer(), stall.offer(buyer=make_member())
    let_answer_time_run_out(offer)
    assert (lapse_offers(), lapse_offers()) == (1, 0)
    offer.refresh_from_db()
    fresh.refresh_from_db()
    assert (offer.status, fresh.status) == (Status.LAPSED, Status.OPEN)


def test_what_is_being_paid_does_not_lapse_and_what_is_paid_never(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    checkout = check_out(offer.pk)
    let_answer_time_run_out(offer)
    assert lapse_offers() == 0
    pay(checkout)
    assert lapse_offers() == 0


def test_an_agreed_price_whose_hold_ran_out_lapses(stall):
    offer = stall.offer()
    accept_offer(offer.pk, "seller", seen_price=8_000)
    Checkout.objects.filter(pk=check_out(offer.pk).pk).update(status="expired")
    let_answer_time_run_out(offer)
    assert lapse_offers() == 1
