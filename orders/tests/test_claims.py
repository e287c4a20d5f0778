"""Cancelling and sending back: who may when, what it costs, and what happens when the seller says nothing."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from catalog.models import ShippingRule, StockMovement
from common.errors import DomainError
from orders.claims import (
    ClaimOver,
    NoClaim,
    approve,
    approve_silent,
    ask,
    claimable,
    receive,
    refund_by_seller,
    refuse,
    take_back,
)
from orders.confirming import deliver_order
from orders.disputes import open_dispute
from orders.ledger import balance
from orders.models import Claim, Order, Transfer
from orders.sending import prepare_order, ship_order
from orders.terms import end_of_day
from orders.tests.shop import log_of, open_shop
from tests.concurrency import at_once


def sell(shop, *, quantity=1, fee=0, status="paid"):
    """Return an order that came as far as `status`."""
    if fee:
        shop.product.shipping = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=fee)
        shop.product.save()
    order = shop.sell(quantity=quantity)
    steps = {
        "preparing": partial(prepare_order, order.pk, by=shop.seller),
        "shipped": partial(ship_order, order.pk, carrier="cj", number="123456789012", by=shop.seller),
        "delivered": partial(deliver_order, order.pk, by=shop.seller),
    }
    for name, step in steps.items():
        if status in list(steps)[list(steps).index(name) :]:
            step()
    order.refresh_from_db()
    return order


def pieces_of(order, count=None):
    return {line.pk: count or line.quantity for line in order.lines.all()}


def claim_for(order, count=None, **changes):
    kind = "cancel" if order.status in ("paid", "preparing") else "return"
    values = {"kind": kind, "reason": "mind", "by": order.buyer} | changes
    return ask(order.pk, pieces_of(order, count), **values)


def fresh(*rows):
    for row in rows:
        row.refresh_from_db()
    return rows


def test_what_nobody_packs_yet_is_cancelled_at_once(shop):
    order = sell(shop, quantity=2)
    claim = claim_for(order)
    fresh(order, claim)
    assert (order.status, claim.status, shop.left) == ("cancelled", "done", 10)
    assert claim.refund.amount == order.total == order.refunded
    assert log_of(order)[-1] == "claim.done"


def test_a_part_of_it_is_cancelled_and_the_rest_is_sent(shop):
    order = sell(shop, quantity=3, fee=3_000)
    claim_for(order, 1)
    fresh(order)
    assert (order.status, order.refunded, shop.left) == ("paid", 12_900, 8)


def test_what_is_being_packed_needs_the_sellers_yes(shop):
    order = sell(shop, status="preparing")
    claim = claim_for(order)
    fresh(order, claim)
    assert (order.status, claim.status) == ("preparing", "asked")
    with pytest.raises(NoClaim):
        claim_for(order)
    approve(claim.pk, by=shop.seller)
    fresh(order, claim)
    assert (order.status, claim.status, claim.refund.amount) == ("cancelled", "done", order.total)
    with pytest.raises(ClaimOver):
        approve(claim.pk, by=shop.seller)


def test_a_refusal_has_words_and_lets_the_order_go_on(shop):
    order = sell(shop, status="delivered")
    claim = claim_for(order)
    assert fresh(order)[0].status == "return_asked"
    with pytest.raises(NoClaim):
        refuse(claim.pk, by=shop.seller, answer="  ")
    refuse(claim.pk, by=shop.seller, answer="사용한 흔적이 있어요")
    fresh(order, claim)
    assert (order.status, claim.status, claim.answer) == ("delivered", "refused", "사용한 흔적이 있어요")


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_taking_it_back_puts_the_order_where_it_was(shop, status):
    order = sell(shop, status=status)
    claim = claim_for(order)
    take_back(claim.pk, by=shop.buyer)
    fresh(order, claim)
    assert (order.status, claim.status) == (status, "withdrawn")


@pytest.mark.parametrize(("reason", "amount"), [("mind", 12_900 + 3_000 - 3_000), ("broken", 12_900 + 3_000)])
def test_who_changed_their_mind_pays_the_way_back(shop, reason, amount):
    order = sell(shop, fee=3_000, status="delivered")
    claim = claim_for(order, reason=reason)
    approve(claim.pk, by=shop.seller)
    assert fresh(order)[0].status == "return_asked"
    receive(claim.pk, by=shop.seller, restock=True)
    fresh(order, claim)
    assert (order.status, claim.status, claim.refund.amount, shop.left) == ("refunded", "done", amount, 10)
    kept = order.total - amount
    assert balance(Transfer.Account.HELD) == amount  # until the provider has paid it back
    assert balance(Transfer.Account.SELLER) == kept


def test_a_part_comes_back_and_the_rest_stays(shop):
    order = sell(shop, quantity=3, fee=3_000, status="delivered")
    day = order.delivered_at
    claim = claim_for(order, 1, reason="broken")
    receive(claim.pk, by=shop.seller, restock=False)
    fresh(order)
    assert (order.status, order.refunded, order.delivered_at) == ("delivered", 12_900, day)
    assert StockMovement.objects.filter(kind="lost", quantity=-1).count() == 1
    assert claim_for(order, 2, reason="broken").status == "asked"


def test_the_days_and_fees_are_those_that_were_shown(shop):
    order = sell(shop, fee=3_000, status="delivered")
    ShippingRule.objects.update(fee=90_000)
    shop.product.return_days = 90
    shop.product.save()
    claim = claim_for(order)
    receive(claim.pk, by=shop.seller, restock=True)
    assert fresh(claim)[0].refund.amount == 12_900


def test_the_right_to_send_back_ends_with_its_last_day(shop, monkeypatch):
    order = sell(shop, status="delivered")
    end = end_of_day(order.delivered_at, 7)
    monkeypatch.setattr(timezone, "now", lambda: end - timedelta(seconds=1))
    kind, lines = claimable(order)
    assert (kind, list(lines)) == ("return", list(pieces_of(order)))
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert claimable(order) is None
    with pytest.raises(NoClaim):
        claim_for(order)


@pytest.mark.parametrize("status", ["preparing", "delivered"])
def test_a_silent_seller_has_agreed(shop, status):
    order = sell(shop, status=status)
    claim = claim_for(order)
    assert approve_silent(claim.answer_by - timedelta(seconds=1)) == 0
    assert approve_silent(claim.answer_by) == 1
    assert approve_silent(claim.answer_by) == 0
    fresh(order, claim)
    expected = ("cancelled", "done") if status == "preparing" else ("return_asked", "approved")
    assert (order.status, claim.status) == expected


def test_time_says_nothing_while_the_staff_decide(shop):
    order = sell(shop, status="delivered")
    claim = claim_for(order)
    open_dispute(order.pk, subject="refund", text="확인해 주세요", by=shop.buyer)
    assert approve_silent(claim.answer_by) == 0


def test_a_seller_gives_back_without_being_asked(shop):
    order = sell(shop, quantity=2, status="delivered")
    claim = refund_by_seller(
        order.pk, pieces_of(order, 1), text="포장이 늦었어요", by=shop.seller, restock=False
    )
    fresh(order)
    assert (claim.kind, claim.status, claim.refund.amount) == ("goodwill", "done", 12_900)
    assert (order.status, order.refunded) == ("delivered", 12_900)
    refund_by_seller(order.pk, pieces_of(order, 1), text="", by=shop.seller, restock=False)
    assert fresh(order)[0].status == "refunded"


def test_a_seller_answers_before_giving_back_otherwise(shop):
    order = sell(shop, status="delivered")
    claim_for(order)
    with pytest.raises(NoClaim):
        refund_by_seller(order.pk, pieces_of(order), text="", by=shop.seller, restock=False)


@pytest.mark.parametrize("pieces", [{}, {0: 1}])
def test_a_claim_is_about_something(shop, pieces):
    order = sell(shop)
    with pytest.raises(NoClaim):
        ask(order.pk, pieces, kind="cancel", reason="mind", by=shop.buyer)


@pytest.mark.parametrize(
    ("kind", "reason"), [("return", "mind"), ("cancel", "broken"), ("cancel", "nonsense")]
)
def test_kind_and_reason_must_fit(shop, kind, reason):
    order = sell(shop)
    with pytest.raises(NoClaim):
        ask(order.pk, pieces_of(order), kind=kind, reason=reason, by=shop.buyer)
    assert not Claim.objects.exists()


def test_more_than_was_bought_is_refused(shop):
    order = sell(shop, quantity=2)
    with pytest.raises(NoClaim):
        claim_for(order, 3)
    assert fresh(order)[0].status == "paid"


def test_a_guests_order_is_cancelled_too(shop):
    order = shop.sell(buyer=None, email="guest@example.com")
    claim = claim_for(order, by=None)
    assert claim.status == "done"
    assert fresh(order)[0].status == Order.Status.CANCELLED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_change_of_mind_at_once_end_it_once():
    shop = open_shop()
    order = sell(shop, status="preparing")
    claim = claim_for(order)
    results = at_once(
        partial(approve, claim.pk, by=shop.seller),
        partial(take_back, claim.pk, by=shop.buyer),
        partial(refuse, claim.pk, by=shop.seller, answer="이미 포장했어요"),
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == 2
    fresh(order, claim)
    assert order.refunded == (order.total if claim.status == "done" else 0)
