"""Buyer and seller do not agree: the money waits, and the staff decide."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.claims import ask
from orders.confirming import confirm_order
from orders.deciding import decide_for_buyer, decide_for_seller
from orders.disputes import (
    DisputeOver,
    NoDispute,
    NotTheirDispute,
    is_open,
    may_dispute,
    open_dispute,
    say,
    withdraw_dispute,
)
from orders.ledger import balance
from orders.models import Dispute, Order, Transfer
from orders.tests.test_claims import claim_for, fresh, pieces_of, sell
from tests.makers import make_member


def argue(order, **changes):
    values = {"subject": "different", "text": "설명과 색이 달라요", "by": order.buyer} | changes
    return open_dispute(order.pk, **values)


def test_both_sides_and_staff_speak(shop):
    order = sell(shop, status="delivered")
    dispute = argue(order)
    assert is_open(order)
    say(dispute.pk, side="seller", by=shop.seller, text="조명 때문이에요")
    say(dispute.pk, side="staff", by=make_member(is_staff=True), text="사진을 보여 주세요")
    assert list(dispute.messages.values_list("side", flat=True)) == ["buyer", "seller", "staff"]
    with pytest.raises(NoDispute):
        argue(order)


def test_the_staff_give_everything_back(shop):
    order = sell(shop, quantity=2, fee=3_000, status="delivered")
    dispute, staff = argue(order), make_member(is_staff=True)
    refund = decide_for_buyer(dispute.pk, pieces_of(order), decision="사진과 달라요", by=staff, restock=False)
    fresh(order, dispute)
    assert (order.status, refund.amount, dispute.status) == ("refunded", order.total, "for_buyer")
    assert not is_open(order)
    with pytest.raises(DisputeOver):
        say(dispute.pk, side="buyer", by=shop.buyer, text="고마워요")


def test_the_staff_give_a_part_back_and_end_the_claim_about_it(shop):
    order = sell(shop, quantity=2, status="delivered")
    claim = claim_for(order)
    dispute = argue(order, subject="return_refused")
    decide_for_buyer(
        dispute.pk, pieces_of(order, 1), decision="한 개만 불량이에요", by=shop.seller, restock=False
    )
    fresh(order, claim)
    assert (order.status, order.refunded, claim.status) == ("delivered", 12_900, "done")


def test_the_staff_pay_the_seller(shop):
    order = sell(shop, status="shipped")
    claim = claim_for(order)
    decide_for_seller(argue(order).pk, decision="설명대로예요", by=make_member(is_staff=True))
    fresh(order, claim)
    assert (order.status, claim.status) == ("confirmed", "refused")
    assert balance(Transfer.Account.HELD) == 0


def test_after_confirming_the_seller_pays_it_back(shop):
    order = sell(shop, status="delivered")
    confirm_order(order.pk, by=shop.buyer)
    before = balance(Transfer.Account.SELLER)
    assert before > 0
    decide_for_buyer(argue(order).pk, pieces_of(order), decision="불량이에요", by=shop.seller, restock=False)
    assert fresh(order)[0].status == "refunded"
    assert balance(Transfer.Account.SELLER) == 0
    assert balance(Transfer.Account.HELD) == order.total


def test_taken_back_it_is_over_and_may_be_opened_again(shop):
    order = sell(shop, status="delivered")
    dispute = argue(order)
    withdraw_dispute(dispute.pk, by=shop.buyer)
    assert fresh(dispute)[0].status == Dispute.Status.WITHDRAWN
    assert argue(order).status == Dispute.Status.OPEN


def test_there_is_a_time_for_it(shop):
    order = sell(shop, status="delivered")
    Order.objects.filter(pk=order.pk).update(delivered_at=timezone.now() - timedelta(days=14, seconds=1))
    fresh(order)
    assert not may_dispute(order)
    with pytest.raises(NoDispute):
        argue(order)


@pytest.mark.parametrize("status", ["placed", "cancelled"])
def test_there_is_nothing_to_argue_about(shop, status):
    order = shop.hold().orders.get() if status == "placed" else shop.sell()
    if status == "cancelled":
        ask(order.pk, pieces_of(order), kind="cancel", reason="mind", by=shop.buyer)
    with pytest.raises(NoDispute):
        argue(order)


def test_an_unknown_subject_is_refused(shop):
    with pytest.raises(NoDispute):
        argue(shop.sell(), subject="nonsense")


def test_a_guest_may_too(shop):
    order = shop.sell(buyer=None, email="guest@example.com")
    assert argue(order, by=None).opened_by is None


def test_what_the_seller_opened_the_buyer_cannot_take_back(shop):
    order = sell(shop, status="delivered")
    dispute = argue(order, by=shop.seller, side="seller")
    with pytest.raises(NotTheirDispute):
        withdraw_dispute(dispute.pk, by=shop.buyer)
    assert is_open(order)
