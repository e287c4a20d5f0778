"""Deals, coupons and queues under a rush, with real threads and row locks. Each race is first shown to be one."""

import threading
from collections import Counter
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from broadcasts.models import LineupItem
from catalog.models import StockMovement
from catalog.stock import move_stock
from orders.deals import coupons, flash, taking
from orders.deals.coupons import CouponNotUsable, apply_coupon, claim_coupon, give_back
from orders.deals.flash import start_deal
from orders.deals.waiting import join, offer_next
from orders.holding import Wanted, cancel_hold, take_hold
from orders.models import (
    Checkout,
    Coupon,
    CouponClaim,
    DealAllowance,
    FlashDeal,
    OrderLine,
    Waiting,
)
from orders.moves import move_order
from orders.refunds import refund_lines
from orders.tests.shop import open_shop
from orders.tests.test_coupons import make_coupon
from tests.concurrency import PATIENCE_SECONDS, at_once, make_buyers
from tests.makers import make_broadcast, make_member, make_product

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BUYERS = 20


def start(shop, **changes):
    values = {"price": 9_900, "minutes": 10, "by": shop.seller} | changes
    return start_deal(shop.broadcast.lineup.get().pk, **values)


def kinds(results):
    return Counter(type(result).__name__ for result in results)


# --- The pieces of a deal


def rush(shop):
    """Let everybody buy one piece at the price they see now."""
    wanted = shop.want()
    return at_once(*(partial(take_hold, buyer, [wanted], key=uuid4()) for buyer in make_buyers(BUYERS)))


def test_of_many_buyers_exactly_as_many_as_there_are_pieces_get_the_deal():
    shop = open_shop(stock=BUYERS)
    deal = start(shop, quantity=5)
    # Whoever comes a moment later sees that it is sold out, or loses at the count itself.
    found = kinds(rush(shop))
    assert found["Checkout"] == 5
    assert found["DealOver"] + found["PriceChanged"] == BUYERS - 5
    deal.refresh_from_db()
    assert deal.left == 0
    assert OrderLine.objects.filter(flash_deal=deal).aggregate(sum=Sum("quantity"))["sum"] == 5
    assert shop.left == BUYERS - 5


def test_the_same_rush_gives_the_deal_to_everybody_without_the_guard(monkeypatch):
    """Shows that the test above can see it."""
    everybody_has_read = threading.Barrier(BUYERS)

    def read_check_write(deal_id, count):
        left = FlashDeal.objects.get(pk=deal_id).left
        everybody_has_read.wait(PATIENCE_SECONDS)
        if left < count:
            return False
        FlashDeal.objects.filter(pk=deal_id).update(left=left - count)
        return True

    monkeypatch.setattr(taking, "take_if_left", read_check_write)
    shop = open_shop(stock=BUYERS)
    start(shop, quantity=5)
    assert kinds(rush(shop)) == {"Checkout": BUYERS}


def test_a_members_tabs_together_take_no_more_than_a_member_may():
    shop = open_shop(stock=BUYERS)
    start(shop, per_member=3)
    wanted = shop.want()
    results = at_once(*[lambda: take_hold(shop.buyer, [wanted], key=uuid4())] * 8)
    assert kinds(results) == {"Checkout": 3, "DealOver": 5}
    assert DealAllowance.objects.get().taken == 3


def test_the_same_tabs_take_too_much_without_the_guard(monkeypatch):
    everybody_has_read = threading.Barrier(8)

    def read_check_write(deal, member_id, count):
        own = DealAllowance.objects.filter(deal=deal, member=member_id)
        taken = own.get().taken
        everybody_has_read.wait(PATIENCE_SECONDS)
        if taken + count > deal.per_member:
            raise taking.DealOver
        own.update(taken=taken + count)

    monkeypatch.setattr(taking, "_take_allowance", read_check_write)
    shop = open_shop(stock=BUYERS)
    deal = start(shop, per_member=3)
    DealAllowance.objects.create(deal=deal, member=shop.buyer)
    wanted = shop.want()
    results = at_once(*[lambda: take_hold(shop.buyer, [wanted], key=uuid4())] * 8)
    assert kinds(results) == {"Checkout": 8}


def test_buying_and_giving_back_at_once_never_deadlock_and_lose_nothing():
    shop = open_shop(stock=50)
    deal = start(shop, quantity=50, per_member=50)
    wanted = shop.want()
    held = [take_hold(shop.buyer, [wanted], key=uuid4()) for _ in range(8)]
    results = at_once(
        *(partial(cancel_hold, checkout.pk, by=shop.buyer) for checkout in held),
        *[lambda: take_hold(shop.buyer, [wanted], key=uuid4())] * 8,
    )
    assert kinds(results) == {"NoneType": 8, "Checkout": 8}
    deal.refresh_from_db()
    assert (deal.left, DealAllowance.objects.get().taken, shop.left) == (42, 8, 42)


def test_paid_orders_cancelled_at_once_with_others_buying_are_given_back_once():
    shop = open_shop(stock=BUYERS)
    deal = start(shop, quantity=8, per_member=2)
    buyers = make_buyers(8)
    sold = [shop.sell(shop.want(quantity=2), buyer=buyer) for buyer in buyers[:3]]

    def cancel(order):
        pieces = {order.lines.get().pk: 2}
        return refund_lines(order.pk, pieces, reason="변심", by=None, restock=True)

    wanted = shop.want()
    jobs = [partial(take_hold, buyer, [wanted], key=uuid4()) for buyer in buyers[3:]]
    found = kinds(at_once(*(partial(cancel, order) for order in sold * 2), *jobs))
    assert (found["Refund"], found["NotRefundable"]) == (3, 3)
    assert found["Checkout"] + found["DealOver"] + found["PriceChanged"] == 5
    deal.refresh_from_db()
    assert deal.left == 8 - found["Checkout"]
    assert sum(DealAllowance.objects.values_list("taken", flat=True)) == found["Checkout"]
    assert shop.left == BUYERS - found["Checkout"]


def test_two_starts_at_once_are_one_deal():
    shop = open_shop()
    results = at_once(*[partial(start, shop)] * 6)
    assert kinds(results) == {"FlashDeal": 1, "DealRunning": 5}


def test_two_starts_at_once_are_two_deals_without_the_lock(monkeypatch):
    everybody_looks = threading.Barrier(2)

    def without_lock(item_id):
        return LineupItem.objects.select_related("product", "broadcast").get(pk=item_id)

    shop = open_shop()
    open_deals = flash.open_deals

    def look_together(at):
        found = list(open_deals(at))
        everybody_looks.wait(PATIENCE_SECONDS)
        return open_deals(at).filter(pk__in=[deal.pk for deal in found])

    monkeypatch.setattr(flash, "lock_item", without_lock)
    monkeypatch.setattr(flash, "open_deals", look_together)
    results = at_once(*[partial(start, shop)] * 2)
    assert kinds(results) == {"FlashDeal": 2}
    assert FlashDeal.objects.count() == 2


# --- Coupons


def test_a_coupon_is_claimed_as_often_as_there_are_pieces():
    shop = open_shop()
    coupon = make_coupon(shop.seller, quantity=5)
    results = at_once(*(partial(claim_coupon, buyer, coupon.code) for buyer in make_buyers(BUYERS)))
    assert kinds(results) == {"CouponClaim": 5, "CouponsGone": BUYERS - 5}
    coupon.refresh_from_db()
    assert (coupon.left, CouponClaim.objects.count()) == (0, 5)


def test_without_the_guard_everybody_claims(monkeypatch):
    everybody_has_read = threading.Barrier(BUYERS)

    def read_check_write(coupon_id):
        left = Coupon.objects.get(pk=coupon_id).left
        everybody_has_read.wait(PATIENCE_SECONDS)
        Coupon.objects.filter(pk=coupon_id).update(left=left - 1)
        return left > 0

    monkeypatch.setattr(coupons, "take_if_left", read_check_write)
    shop = open_shop()
    coupon = make_coupon(shop.seller, quantity=5)
    results = at_once(*(partial(claim_coupon, buyer, coupon.code) for buyer in make_buyers(BUYERS)))
    assert kinds(results) == {"CouponClaim": BUYERS}


def test_a_members_tabs_together_claim_one():
    shop = open_shop()
    coupon = make_coupon(shop.seller, quantity=5)
    results = at_once(*[lambda: claim_coupon(shop.buyer, coupon.code)] * 8)
    assert kinds(results) == {"CouponClaim": 1, "CouponClaimed": 7}
    coupon.refresh_from_db()
    assert coupon.left == 4


def test_one_claim_serves_one_of_two_checkouts():
    shop = open_shop()
    claim_coupon(shop.buyer, make_coupon(shop.seller).code)
    checkouts = [shop.hold(), shop.hold()]
    results = at_once(*(partial(apply_coupon, checkout.pk, "SKY3000") for checkout in checkouts))
    assert kinds(results) == {"Checkout": 1, CouponNotUsable.__name__: 1}
    assert sorted(Checkout.objects.values_list("discount", flat=True)) == [0, 3_000]


def test_two_orders_cancelled_at_once_give_the_coupon_back():
    shop = open_shop()
    seller = make_member()
    other = make_product(seller, price=10_000)
    show = make_broadcast(seller, products=[other], status="live", started_at=timezone.now())
    make_coupon(None)
    claim = claim_coupon(shop.buyer, "SKY3000")
    checkout = shop.hold(shop.want(), shop.want(other.variants.get(), broadcast=show))
    apply_coupon(checkout.pk, "SKY3000")
    checkout.orders.update(status="paid")
    both_moved = threading.Barrier(2)

    def cancel(order):
        with transaction.atomic():
            move_order(order.pk, "cancelled")
            both_moved.wait(PATIENCE_SECONDS)
            give_back(order)

    results = at_once(*(partial(cancel, order) for order in checkout.orders.all()))
    assert results == [None, None]
    claim.refresh_from_db()
    assert claim.checkout is None


# --- Queues


def sold_out_with_queue(people):
    shop = open_shop(stock=1)
    move_stock(shop.variant.pk, -1, kind=StockMovement.Kind.LOST, by=shop.seller)
    variant = type(shop.variant).objects.select_related("product", "stock").get(pk=shop.variant.pk)
    members = make_buyers(people)
    for member in members:
        join(member, variant)
    return shop, members


def test_five_pieces_for_twenty_who_wait_are_five_offers_in_order():
    shop, members = sold_out_with_queue(20)
    move_stock(shop.variant.pk, 5, kind=StockMovement.Kind.RECEIVED, by=shop.seller)
    results = at_once(*[lambda: offer_next(shop.variant.pk)] * 6)
    assert sum(results) == 5
    offered = Waiting.objects.filter(status="offered").order_by("pk").values_list("member", flat=True)
    assert list(offered) == [member.pk for member in members[:5]]
    assert (Checkout.objects.count(), shop.left) == (5, 0)


def test_pieces_that_come_one_by_one_from_holds_that_end_go_to_the_first():
    shop = open_shop(stock=5)
    held = [shop.hold() for _ in range(5)]
    variant = type(shop.variant).objects.select_related("product", "stock").get(pk=shop.variant.pk)
    members = make_buyers(20)
    for member in members:
        join(member, variant)

    def give_up(checkout):
        cancel_hold(checkout.pk, by=shop.buyer)
        return offer_next(variant.pk)

    results = at_once(*(partial(give_up, checkout) for checkout in held))
    assert sum(results) == 5
    offered = Waiting.objects.filter(status="offered").order_by("pk").values_list("member", flat=True)
    assert list(offered) == [member.pk for member in members[:5]]
    assert shop.left == 0


def test_shoppers_and_the_queue_share_the_pieces_and_none_is_sold_twice():
    shop, members = sold_out_with_queue(5)
    wanted = Wanted(variant_id=shop.variant.pk, quantity=1, seen_price=12_900)
    shoppers = [make_member() for _ in range(5)]
    move_stock(shop.variant.pk, 5, kind=StockMovement.Kind.RECEIVED, by=shop.seller)
    at_once(
        *[lambda: offer_next(shop.variant.pk)] * 2,
        *(partial(take_hold, shopper, [wanted], key=uuid4()) for shopper in shoppers),
    )
    offered = list(Waiting.objects.filter(status="offered").order_by("pk").values_list("member", flat=True))
    assert offered == [member.pk for member in members[: len(offered)]]
    assert (Checkout.objects.count(), shop.left) == (5, 0)


def test_a_members_tabs_join_once():
    shop, _members = sold_out_with_queue(0)
    variant = type(shop.variant).objects.select_related("product", "stock").get(pk=shop.variant.pk)
    at_once(*[lambda: join(shop.buyer, variant)] * 6)
    assert Waiting.objects.count() == 1
