"""Whatever an order goes through, the walk over the whole ledger finds nothing wrong."""

from functools import partial

import pytest

from orders.claims import approve, receive, refund_by_seller
from orders.confirming import confirm_order
from orders.deciding import decide_for_buyer, decide_for_seller
from orders.disputes import open_dispute
from orders.ledger.walk import walk
from orders.models import Order, Refund
from orders.paying import settle_refund
from orders.tests.test_claims import claim_for, pieces_of, sell


def cancel_a_part(shop):
    order = sell(shop, quantity=3, fee=3_000)
    claim_for(order, 1)
    return order


def cancel_while_packing(shop):
    order = sell(shop, quantity=2, fee=3_000, status="preparing")
    approve(claim_for(order).pk, by=None)
    return order


def send_back(shop, count=None, reason="mind"):
    order = sell(shop, quantity=2, fee=3_000, status="delivered")
    receive(claim_for(order, count, reason=reason).pk, by=shop.seller, restock=False)
    return order


def send_a_part_back_and_keep_the_rest(shop):
    order = send_back(shop, 1)
    confirm_order(order.pk, by=shop.buyer)
    return order


def goodwill_then_confirm(shop):
    order = sell(shop, quantity=2, fee=3_000, status="delivered")
    refund_by_seller(order.pk, pieces_of(order, 1), text="", by=shop.seller, restock=False, shipping=3_000)
    confirm_order(order.pk, by=shop.buyer)
    return order


def goodwill_without_the_shipping(shop):
    order = sell(shop, quantity=2, fee=3_000, status="delivered")
    refund_by_seller(order.pk, pieces_of(order), text="", by=shop.seller, restock=False, shipping=0)
    return order


def dispute(shop, *, for_buyer, confirmed=False, count=None):
    order = sell(shop, quantity=2, fee=3_000, status="delivered")
    if confirmed:
        confirm_order(order.pk, by=shop.buyer)
    found = open_dispute(order.pk, subject="broken", text="깨졌어요", by=shop.buyer)
    if for_buyer:
        decide_for_buyer(found.pk, pieces_of(order, count), decision="네", by=shop.seller, restock=False)
    else:
        decide_for_seller(found.pk, decision="아니요", by=shop.seller)
    return order


LIVES = {
    "part cancelled": cancel_a_part,
    "cancelled while packing": cancel_while_packing,
    "sent back": send_back,
    "sent back for a fault": partial(send_back, reason="broken"),
    "part sent back": send_a_part_back_and_keep_the_rest,
    "goodwill": goodwill_then_confirm,
    "goodwill without the shipping": goodwill_without_the_shipping,
    "for the buyer": partial(dispute, for_buyer=True),
    "for the seller": partial(dispute, for_buyer=False),
    "for the buyer after confirming": partial(dispute, for_buyer=True, confirmed=True),
    "a part for the buyer after confirming": partial(dispute, for_buyer=True, confirmed=True, count=1),
}


@pytest.mark.parametrize("life", LIVES)
def test_the_books_are_right_before_and_after_the_provider_pays_back(shop, life):
    order = LIVES[life](shop)
    assert list(walk()) == []
    for refund_id in Refund.objects.values_list("pk", flat=True):
        settle_refund(refund_id)
    assert list(walk()) == []
    order.refresh_from_db()
    back = sum(Refund.objects.filter(status=Refund.Status.DONE).values_list("amount", flat=True))
    assert order.refunded == back
    assert Order.objects.filter(pk=order.pk, refunded__lte=order.total).exists()
