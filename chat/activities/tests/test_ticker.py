"""Paid orders told to the room: masked, together, and only if the seller wants it."""

import json
from dataclasses import asdict

import pytest
from django.urls import reverse

from broadcasts.models import Broadcast
from chat.activities.tasks import look_after
from chat.activities.ticker import note_orders, tell_orders
from common.redis_client import redis_client
from orders.models import Order
from orders.tests.shop import open_shop
from tests.makers import make_member


@pytest.fixture
def shop(db):
    return open_shop()


def test_an_order_is_told_with_a_masked_name(shop, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.sell()
    look_after()
    [event] = told
    assert (event.product, event.product_name, event.name, event.count) == (
        shop.product.code,
        "울 자켓",
        "구**",
        1,
    )
    assert not {shop.buyer.nickname, shop.buyer.code, order.code} & set(map(str, asdict(event).values()))
    assert str(order.total) not in json.dumps(asdict(event))


def test_orders_of_a_second_are_told_together(shop, told):
    for _ in range(4):
        note_orders(shop.sell(buyer=make_member()).checkout_id)
    tell_orders()
    tell_orders()
    assert [event.count for event in told] == [4]


def test_versions_grow(shop, told):
    for _ in range(2):
        note_orders(shop.sell().checkout_id)
        tell_orders()
    assert told[0].version < told[1].version


def test_a_guest_has_no_name(shop, told):
    order = shop.sell()
    Order.objects.filter(pk=order.pk).update(buyer=None)
    note_orders(order.checkout_id)
    tell_orders()
    assert told[0].name == "손님"


def test_a_show_that_is_over_hears_nothing(shop, told):
    order = shop.sell()
    Broadcast.objects.filter(pk=shop.broadcast.pk).update(status="ended")
    note_orders(order.checkout_id)
    tell_orders()
    assert told == []


def test_the_seller_switches_it_off_and_on(client, shop, told):
    switch = reverse("chat:switch_ticker", args=[shop.broadcast.code])
    client.force_login(shop.seller)
    for on, expected in (("0", 0), ("0", 0), ("1", 1)):
        assert client.post(switch, {"on": on}).status_code == 302
        note_orders(shop.sell().checkout_id)
        tell_orders()
        assert len(told) == expected


def test_without_redis_the_order_is_paid_all_the_same(shop, told, monkeypatch, caplog):
    monkeypatch.setattr("chat.gathering.redis_client", _away)
    order = shop.sell()
    note_orders(order.checkout_id)
    assert "not told to the room" in caplog.text
    assert Order.objects.get(pk=order.pk).status == "paid"


def _away():
    import redis

    raise redis.ConnectionError


def test_what_waits_too_long_is_forgotten(shop, told):
    note_orders(shop.sell().checkout_id)
    assert 0 < redis_client().ttl(f"ticker:{shop.broadcast.room}") <= 60
