"""Buying under a rush, with real threads and row locks: nothing is oversold, paid twice or given back twice."""

import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from broadcasts.models import LineupItem
from catalog import stock
from catalog.models import Stock
from catalog.stock import OutOfStock
from common.errors import IllegalMove
from orders.deals.taking import DealOver
from orders.holding import NoExtension, Wanted, cancel_hold, expire_hold, extend_hold
from orders.models import Checkout, FlashDeal, Order, OrderLine, SandboxPayment, Transfer
from orders.paying import settle_payment, start_payment
from orders.tests.shop import RETURN_URL, Shop, choose, let_time_run_out, log_of, open_shop
from tests.concurrency import PATIENCE_SECONDS, at_once, make_buyers
from tests.makers import make_product

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BUYERS = 50
STANDING = (Order.Status.PLACED, Order.Status.PAID)


def rush(shop: Shop) -> Counter[str]:
    """Let BUYERS members order one piece each at once; count what they were told."""
    want = shop.want()
    results = at_once(*(partial(shop.hold, want, buyer=buyer) for buyer in make_buyers(BUYERS)))
    return Counter(type(result).__name__ for result in results)


def left_and_ordered(shop: Shop) -> int:
    """Return the pieces on the shelf and in orders that stand, from one snapshot of the database."""
    ordered = (
        OrderLine.objects.filter(variant=OuterRef("variant"), order__status__in=STANDING)
        .order_by()
        .values("variant")
        .annotate(pieces=Sum("quantity"))
        .values("pieces")
    )
    everywhere = F("left") + Coalesce(Subquery(ordered), 0)
    return Stock.objects.filter(variant__product=shop.product).values_list(everywhere, flat=True).get()


def test_fifty_buyers_of_the_last_piece_make_one_order():
    shop = open_shop(stock=1)
    assert rush(shop) == {"Checkout": 1, "OutOfStock": BUYERS - 1}
    assert shop.left == 0
    assert Checkout.objects.get().status == "open"
    assert OrderLine.objects.count() == Order.objects.count() == 1


def test_the_same_rush_oversells_without_the_guard(monkeypatch):
    """Shows that the test above can see an oversell."""
    everybody_has_read = threading.Barrier(BUYERS)

    def read_check_write(variant_id: int, count: int) -> bool:
        left = Stock.objects.get(variant_id=variant_id).left
        everybody_has_read.wait(PATIENCE_SECONDS)
        if left < count:
            return False
        Stock.objects.filter(variant_id=variant_id).update(left=left - count)
        return True

    monkeypatch.setattr(stock, "take_if_left", read_check_write)
    shop = open_shop(stock=1)
    assert rush(shop) == {"Checkout": BUYERS}
    assert left_and_ordered(shop) == BUYERS


def test_a_rush_for_some_pieces_sells_exactly_these():
    shop = open_shop(stock=20)
    assert rush(shop) == {"Checkout": 20, "OutOfStock": BUYERS - 20}
    assert (shop.left, left_and_ordered(shop)) == (0, 20)


def test_carts_of_the_same_goods_in_opposite_orders_do_not_wait_for_each_other():
    shop = open_shop(stock=40)
    other = make_product(shop.seller, stock=40).variants.get()
    both = [shop.want(), Wanted(variant_id=other.pk, quantity=1, seen_price=other.product.price)]
    jobs = [
        partial(shop.hold, *(both if number % 2 else reversed(both)), buyer=buyer)
        for number, buyer in enumerate(make_buyers(20))
    ]
    assert Counter(type(result).__name__ for result in at_once(*jobs)) == {"Checkout": 20}
    assert set(Stock.objects.values_list("left", flat=True)) == {20}


def test_a_rush_for_a_deal_gives_its_price_to_so_many_and_no_more():
    shop = open_shop(stock=BUYERS)
    now = timezone.now()
    deal = FlashDeal.objects.create(
        item=LineupItem.objects.get(product=shop.product),
        price=9_900,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(minutes=5),
        quantity=7,
        left=7,
        per_member=1,
    )
    results = rush(shop)
    assert results["Checkout"] == 7
    assert set(results) <= {"Checkout", DealOver.__name__, "PriceChanged"}
    deal.refresh_from_db()
    assert (deal.left, OrderLine.objects.filter(unit_price=9_900).count(), shop.left) == (0, 7, BUYERS - 7)


def test_a_member_in_many_tabs_takes_no_more_of_a_deal_than_is_allowed():
    shop = open_shop(stock=BUYERS)
    now = timezone.now()
    deal = FlashDeal.objects.create(
        item=LineupItem.objects.get(product=shop.product),
        price=9_900,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(minutes=5),
        per_member=2,
    )
    want = shop.want()
    results = at_once(*[partial(shop.hold, want)] * 12)
    assert Counter(type(result).__name__ for result in results) == {"Checkout": 2, "DealOver": 10}
    assert (deal.allowances.get().taken, shop.left) == (2, BUYERS - 2)


@pytest.mark.parametrize("pieces", [1, 10])
def test_the_same_key_at_once_is_one_order(pieces):
    shop = open_shop(stock=pieces)
    key, want = uuid4(), shop.want()
    results = at_once(*[lambda: shop.hold(want, key=key)] * BUYERS)
    checkout = Checkout.objects.get()
    assert results == [checkout] * BUYERS
    assert shop.left == pieces - 1
    assert OrderLine.objects.count() == Order.objects.count() == 1


def test_the_same_key_for_what_is_sold_out_is_refused_to_everybody():
    shop = open_shop(stock=1)
    want = shop.want()
    shop.hold(want)
    key = uuid4()
    results = at_once(*[lambda: shop.hold(want, key=key)] * 10)
    assert {type(result) for result in results} == {OutOfStock}
    assert Checkout.objects.count() == 1


def test_a_hold_is_made_longer_once_however_many_ask_at_once():
    checkout = open_shop().hold()
    results = at_once(*[partial(extend_hold, checkout.pk)] * 10)
    assert Counter(type(result) for result in results) == {Checkout: 1, NoExtension: 9}


def test_a_payment_that_is_started_many_times_at_once_is_one():
    shop = open_shop()
    checkout = shop.hold()
    start = partial(start_payment, checkout.pk, method="sandbox", return_url=RETURN_URL)
    assert len(set(at_once(*[start] * 10))) == 1
    assert checkout.payments.count() == SandboxPayment.objects.count() == 1


def test_a_payment_that_is_settled_many_times_at_once_pays_once():
    shop = open_shop()
    checkout, payment = shop.start()
    choose(payment, "succeed")
    assert at_once(*[lambda: settle_payment(payment.pk)] * 20) == [None] * 20
    checkout.refresh_from_db()
    assert (checkout.status, checkout.payments.get().status) == ("paid", "confirmed")
    assert log_of(checkout.orders.get()) == ["order.paid"]
    assert Transfer.objects.filter(kind="payment").count() == 1
    assert shop.left == 9


def test_stock_comes_back_once_however_many_end_the_hold_at_once():
    shop = open_shop()
    checkout = shop.hold(quantity=3)
    let_time_run_out(checkout)
    cancels = [lambda: cancel_hold(checkout.pk, by=shop.buyer)] * 5
    expiries = [lambda: expire_hold(checkout.pk)] * 5
    results = at_once(*cancels, *expiries)
    checkout.refresh_from_db()
    assert checkout.status in ("cancelled", "expired")
    assert {type(result) for result in results} <= {type(None), bool, IllegalMove}
    assert checkout.orders.get().log.count() == 1
    assert shop.left == 10


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize("attempt", range(5))
def test_paying_cancelling_and_expiring_at_once_end_in_one_truth(overdue, attempt):
    shop = open_shop()
    checkout, payment = shop.start(quantity=3)
    choose(payment, "succeed")
    if overdue:
        let_time_run_out(checkout)
    settles = [lambda: settle_payment(payment.pk)] * 4
    cancels = [lambda: cancel_hold(checkout.pk, by=shop.buyer)] * 3
    expiries = [lambda: expire_hold(checkout.pk)] * 3
    results = at_once(*settles, *cancels, *expiries)
    settle_payment(payment.pk)  # what the periodic task does when the racers left something open
    assert {type(result) for result in results} <= {type(None), bool, IllegalMove}
    checkout.refresh_from_db()
    payment.refresh_from_db()
    refunded = SandboxPayment.objects.get().refunds.count()
    ends = (checkout.status, payment.status, refunded, shop.left)
    truths = {("paid", "confirmed", 0, 7), ("cancelled", "stray", 1, 10)}
    late_truths = {("expired", "stray", 1, 10), ("cancelled", "stray", 1, 10)}
    assert ends in (late_truths if overdue else truths)
    assert checkout.orders.get().log.count() == 1
    assert payment.transfers.filter(kind="refund").count() == refunded


def test_pieces_are_neither_made_nor_lost_while_everybody_buys_cancels_and_pays():
    shop = open_shop(stock=10)
    shop.sell(quantity=2)
    buyers = make_buyers(20)
    sums: list[int] = []
    over = threading.Event()

    def shopper(number: int) -> None:
        for turn in range(5):
            with suppress(OutOfStock):
                checkout, payment = shop.start(buyer=buyers[number], quantity=1 + (number + turn) % 3)
                match (number + turn) % 4:
                    case 0:
                        choose(payment, "fail")
                        settle_payment(payment.pk)
                    case 1 if number < 2:
                        choose(payment, "succeed")
                        settle_payment(payment.pk)
                    case _:
                        cancel_hold(checkout.pk, by=buyers[number])

    def watcher() -> None:
        while not over.is_set():
            sums.append(left_and_ordered(shop))
        connection.close()

    watching = threading.Thread(target=watcher)
    watching.start()
    try:
        results = at_once(*(partial(shopper, number) for number in range(len(buyers))))
    finally:
        over.set()
        watching.join(PATIENCE_SECONDS)
    assert results == [None] * len(buyers)
    assert len(sums) > 10
    assert set(sums) == {10}
