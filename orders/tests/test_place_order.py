import json
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Product
from catalog.stock import OutOfStock
from common.events import room_channel
from common.redis_client import redis_client
from orders.actions import KeyReused, NotForSale, OwnProduct
from orders.models import Order, OrderLine
from orders.tests.shop import ADDRESS, log_of
from tests.makers import make_broadcast, make_member, make_product


def test_it_keeps_the_stock_and_waits_for_the_payment(shop, settings):
    settings.ORDER_PAY_SECONDS = 90
    order = shop.place(quantity=3)
    order.refresh_from_db()
    assert (order.status, order.buyer, order.seller) == ("pending", shop.buyer, shop.seller)
    assert (order.total, order.broadcast, order.address) == (38_700, shop.broadcast, ADDRESS)
    assert order.expires_at - order.created_at == pytest.approx(
        timedelta(seconds=90), abs=timedelta(seconds=2)
    )
    line = order.lines.get()
    assert (line.product, line.name, line.unit_price, line.quantity) == (shop.product, "울 자켓", 12_900, 3)
    payment = order.payments.get()
    assert (payment.status, payment.amount, payment.method) == ("started", 38_700, "sandbox")
    assert shop.left == 7
    assert log_of(order) == ["order.placed"]


def test_its_number_is_short_and_tells_only_the_day(shop):
    numbers = {shop.place().code for _ in range(5)}
    assert len(numbers) == 5
    for number in numbers:
        assert re.fullmatch(rf"{timezone.localdate():%Y%m%d}-[2-9A-Z]{{4}}-[2-9A-Z]{{4}}", number)


def test_the_price_is_that_of_the_database(shop):
    Product.objects.filter(pk=shop.product.pk).update(price=15_000)
    shop.product.price = 1
    assert shop.place(quantity=2).total == 30_000


def test_name_and_price_stay_as_they_were_ordered(shop):
    order = shop.place()
    Product.objects.filter(pk=shop.product.pk).update(price=1_000, name="다른 이름")
    line = order.lines.get()
    assert (line.name, line.unit_price, order.total) == ("울 자켓", 12_900, 12_900)


def test_more_than_is_left_is_refused_and_nothing_is_written(shop):
    with pytest.raises(OutOfStock) as refusal:
        shop.place(quantity=11)
    assert refusal.value.left == 10
    assert (Order.objects.count(), OrderLine.objects.count(), shop.left) == (0, 0, 10)


def test_the_room_hears_what_is_left(shop, django_capture_on_commit_callbacks):
    with redis_client().pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(room_channel(shop.broadcast.room))
        heard.get_message(timeout=2)
        with django_capture_on_commit_callbacks(execute=True):
            shop.place(quantity=4)
        message = heard.get_message(timeout=2)
    assert message is not None
    news = json.loads(message["data"])
    assert (news["type"], news["product"], news["left"]) == ("stock.changed", shop.product.code, 6)


def test_a_repeated_key_returns_the_same_order(shop):
    key = uuid4()
    first = shop.place(idempotency_key=key, quantity=10)
    assert shop.left == 0
    assert shop.place(idempotency_key=key, quantity=10) == first
    assert (Order.objects.count(), shop.left) == (1, 0)


def test_a_repeated_key_returns_the_order_also_when_it_is_over(shop):
    key = uuid4()
    order = shop.sell(idempotency_key=key)
    Product.objects.filter(pk=shop.product.pk).update(price=99_000)
    shop.broadcast.status = "cancelled"
    shop.broadcast.save(update_fields=["status"])
    again = shop.place(idempotency_key=key)
    assert (again, again.status) == (order, "paid")


def test_keys_of_different_buyers_are_different(shop):
    key = uuid4()
    assert shop.place(idempotency_key=key) != shop.place(idempotency_key=key, buyer=make_member())


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: {"quantity": 2},
        lambda shop: {"product": make_product(shop.seller)},
        lambda shop: {"broadcast": make_broadcast(shop.seller, products=[shop.product], status="ended")},
        lambda shop: {"address": replace(ADDRESS, ship_address_detail="2층")},
    ],
    ids=["quantity", "product", "broadcast", "address"],
)
def test_a_key_with_other_contents_is_refused(shop, change):
    key = uuid4()
    shop.place(idempotency_key=key)
    with pytest.raises(KeyReused):
        shop.place(idempotency_key=key, **change(shop))
    assert (Order.objects.count(), shop.left) == (1, 9)


@pytest.mark.parametrize("status", ["live", "reconnecting", "ended"])
def test_one_buys_during_the_show_and_from_its_replay(shop, status):
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    assert shop.place().status == "pending"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("scheduled", "방송이 시작되면 주문할 수 있어요."),
        ("starting", "방송이 시작되면 주문할 수 있어요."),
        ("cancelled", "취소된 방송이라 주문할 수 없어요."),
    ],
)
def test_a_show_that_is_not_on_sells_nothing(shop, status, sentence):
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    with pytest.raises(NotForSale) as refusal:
        shop.place()
    assert refusal.value.message == sentence
    assert shop.left == 10


def test_a_product_that_is_not_in_the_show_is_refused(shop):
    with pytest.raises(NotForSale):
        shop.place(product=make_product(shop.seller))


def test_sellers_do_not_buy_from_themselves(shop):
    with pytest.raises(OwnProduct):
        shop.place(buyer=shop.seller)
    assert shop.left == 10


def test_no_stock_is_made_by_ordering_less_than_one(shop):
    for quantity in (0, -3):
        with pytest.raises(IntegrityError), transaction.atomic():
            shop.place(quantity=quantity)
    assert shop.left == 10
