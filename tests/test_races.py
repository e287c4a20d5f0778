"""Buying under a rush, with real threads and row locks: nothing is oversold, paid twice or given back twice."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from orders.actions import cancel_order, expire_order

from accounts.models import User
from catalog import stock
from catalog.models import Stock
from catalog.stock import OutOfStock
from common.errors import IllegalMove
from orders.models import Order, OrderLine, Payment, SandboxPayment
from orders.paying import settle_payment, start_payment
from orders.tests.shop import RETURN_URL, Shop, choose, let_time_run_out, open_shop

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BUYERS = 50
PATIENCE_SECONDS = 60


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at the same moment, each with a connection of its own; return results or errors in order."""
    results: list[Any] = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(PATIENCE_SECONDS)
            results[place] = job()
        except Exception as error:  # noqa: BLE001 the test looks at every outcome
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def make_buyers(count: int) -> list[User]:
    """Return members without channel or password: buying needs neither."""
    names = [f"rush{number}" for number in range(count)]
    return User.objects.bulk_create(
        User(username=name, nickname=name, email=f"{name}@example.com") for name in names
    )


def rush(shop: Shop) -> Counter[str]:
    """Let BUYERS members order one piece each at once; count what they were told."""
    results = at_once(*(partial(shop.place, buyer=buyer) for buyer in make_buyers(BUYERS)))
    return Counter(type(result).__name__ for result in results)


def left_and_ordered(shop: Shop) -> int:
    """Return the pieces on the shelf and in orders that stand, from one snapshot of the database."""
    ordered = (
        OrderLine.objects.filter(product=OuterRef("product"), order__status__in=["pending", "paid"])
        .order_by()
        .values("product")
        .annotate(pieces=Sum("quantity"))
        .values("pieces")
    )
    everywhere = F("left") + Coalesce(Subquery(ordered), 0)
    return Stock.objects.filter(product=shop.product).values_list(everywhere, flat=True).get()


def test_fifty_buyers_of_the_last_piece_make_one_order():
    shop = open_shop(stock=1)
    assert rush(shop) == {"Order": 1, "OutOfStock": BUYERS - 1}
    assert shop.left == 0
    assert Order.objects.get().status == "pending"
    assert OrderLine.objects.count() == Payment.objects.count() == 1


def test_the_same_rush_oversells_without_the_guard(monkeypatch):
    """Shows that the test above can see an oversell."""
    everybody_has_read = threading.Barrier(BUYERS)

    def read_check_write(product_id: int, count: int) -> bool:
        left = Stock.objects.get(product_id=product_id).left
        everybody_has_read.wait(PATIENCE_SECONDS)
        if left < count:
            return False
        Stock.objects.filter(product_id=product_id).update(left=left - count)
        return True

    monkeypatch.setattr(stock, "take_if_left", read_check_write)
    shop = open_shop(stock=1)
    assert rush(shop) == {"Order": BUYERS}
    assert left_and_ordered(shop) == BUYERS


def test_a_rush_for_some_pieces_sells_exactly_these():
    shop = open_shop(stock=20)
    assert rush(shop) == {"Order": 20, "OutOfStock": BUYERS - 20}
    assert (shop.left, left_and_ordered(shop)) == (0, 20)


@pytest.mark.parametrize("pieces", [1, 10])
def test_the_same_key_at_once_is_one_order(pieces):
    shop = open_shop(stock=pieces)
    key = uuid4()
    results = at_once(*[lambda: shop.place(idempotency_key=key)] * BUYERS)
    order = Order.objects.get()
    assert results == [order] * BUYERS
    assert shop.left == pieces - 1
    assert OrderLine.objects.count() == Payment.objects.count() == 1


def test_the_same_key_for_what_is_sold_out_is_refused_to_everybody():
    shop = open_shop(stock=1)
    shop.place()
    key = uuid4()
    results = at_once(*[lambda: shop.place(idempotency_key=key)] * 10)
    assert {type(result) for result in results} == {OutOfStock}
    assert Order.objects.count() == 1


def test_a_payment_that_is_settled_many_times_at_once_pays_once():
    shop = open_shop()
    order, payment = shop.start()
    choose(payment, "succeed")
    assert at_once(*[lambda: settle_payment(payment.pk)] * 20) == [None] * 20
    order.refresh_from_db()
    assert (order.status, order.payments.get().status) == ("paid", "confirmed")
    assert list(order.log.values_list("type", flat=True)) == [
        "order.placed",
        "payment.confirmed",
        "order.paid",
    ]
    assert shop.left == 9


def test_stock_comes_back_once_however_many_end_the_order_at_once():
    shop = open_shop()
    order = shop.place(quantity=3)
    let_time_run_out(order)
    cancels = [lambda: cancel_order(order.pk, by=shop.buyer)] * 5
    expiries = [lambda: expire_order(order.pk)] * 5
    results = at_once(*cancels, *expiries)
    order.refresh_from_db()
    assert order.status in ("cancelled", "expired")
    assert {type(result) for result in results} <= {type(None), bool, IllegalMove}
    assert order.log.exclude(type="order.placed").count() == 1
    assert shop.left == 10


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize("attempt", range(5))
def test_paying_cancelling_and_expiring_at_once_end_in_one_truth(overdue, attempt):
    shop = open_shop()
    order = shop.place(quantity=3)
    payment = order.payments.get()
    start_payment(order, return_url=RETURN_URL)
    choose(payment, "succeed")
    if overdue:
        let_time_run_out(order)
    settles = [lambda: settle_payment(payment.pk)] * 4
    cancels = [lambda: cancel_order(order.pk, by=shop.buyer)] * 3
    expiries = [lambda: expire_order(order.pk)] * 3
    results = at_once(*settles, *cancels, *expiries)
    settle_payment(payment.pk)  # what the periodic task does when the racers left something open
    assert {type(result) for result in results} <= {type(None), bool, IllegalMove}
    order.refresh_from_db()
    refunded = SandboxPayment.objects.get().refunded_at is not None
    ends = (order.status, order.payments.get().status, refunded, shop.left)
    truths = {("paid", "confirmed", False, 7), ("cancelled", "refunded", True, 10)}
    late_truths = {("expired", "refunded", True, 10), ("cancelled", "refunded", True, 10)}
    assert ends in (late_truths if overdue else truths)
    assert order.log.filter(type__startswith="order.").count() == 2
    assert order.log.filter(type="payment.refunded").count() == int(refunded)


def test_pieces_are_neither_made_nor_lost_while_everybody_buys_cancels_and_pays():
    shop = open_shop(stock=10)
    shop.sell(quantity=2)
    buyers = make_buyers(20)
    sums: list[int] = []
    over = threading.Event()

    def shopper(number: int) -> None:
        for turn in range(5):
            with suppress(OutOfStock):
                order, payment = shop.start(buyer=buyers[number], quantity=1 + (number + turn) % 3)
                match (number + turn) % 4:
                    case 0:
                        choose(payment, "fail")
                        settle_payment(payment.pk)
                    case 1 if number < 2:
                        choose(payment, "succeed")
                        settle_payment(payment.pk)
                    case _:
                        cancel_order(order.pk, by=buyers[number])

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
