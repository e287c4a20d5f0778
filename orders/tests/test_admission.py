"""A rush is held back: a cheap "sold out", and a line before the checkout that is fair and moves."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from django.db import transaction
from django.test import Client
from django.urls import reverse

from catalog.models import Stock
from catalog.stock import give_back_stock
from common.redis_client import redis_client
from orders import admission
from orders.admission import any_sold_out, ask_to_enter, forget_sold_out, mark_sold_out
from orders.models import Checkout
from tests.makers import make_member

SHEET = {"HX-Request": "true"}
START = reverse("orders:buy_now")


def wish(shop, **changes):
    return {"variant": shop.variant.code, "quantity": "1", "key": str(uuid4()), **changes}


def no_redis():
    return redis.Redis(port=1, socket_connect_timeout=0.1)


@pytest.fixture
def doors():
    """Nobody is let in until `doors.open()`: the counts of the seconds to come stand at the limit already."""

    class Doors:
        def __init__(self):
            self.keys = []
            self.close()

        def close(self):
            now = redis_client().time()[0]
            self.keys = [f"checkout:let-in:{second}" for second in range(now, now + 120)]
            redis_client().mset(dict.fromkeys(self.keys, 1_000_000))

        def open(self):
            redis_client().delete(*self.keys)

    return Doors()


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
@pytest.mark.parametrize("person", ["guest", "member"])
def test_sold_out_is_said_without_the_database(client, shop, person, headers, django_assert_num_queries):
    if person == "member":
        client.force_login(shop.buyer)
    Stock.objects.update(left=0)
    assert client.post(START, wish(shop), headers=headers).status_code == 409
    form = wish(shop)
    with django_assert_num_queries(0):
        response = client.post(START, form, headers=headers)
    assert response.status_code == 409
    assert "방금 품절됐어요" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert Checkout.objects.count() == 0


async def test_sold_out_is_said_by_the_asynchronous_server_too(async_client):
    mark_sold_out(1, "abc")
    form = {"variant": "abc", "quantity": "1", "key": str(uuid4())}
    response = await async_client.post(START, form, headers=SHEET)
    assert (response.status_code, "방금 품절됐어요" in response.content.decode()) == (409, True)


def test_too_few_for_one_buyer_is_not_sold_out_for_the_next(client, shop):
    Stock.objects.update(left=2)
    client.post(START, wish(shop, quantity="3"))
    assert not any_sold_out([shop.variant.code])
    assert client.post(START, wish(shop, quantity="2")).status_code == 302


def test_pieces_that_come_back_can_be_bought_at_once(client, shop, django_capture_on_commit_callbacks):
    Stock.objects.update(left=0)
    client.post(START, wish(shop))
    assert any_sold_out([shop.variant.code])
    with django_capture_on_commit_callbacks(execute=True):
        give_back_stock({shop.variant.pk: 1})
    assert not any_sold_out([shop.variant.code])
    assert client.post(START, wish(shop)).status_code == 302


def test_a_mark_is_never_the_last_word(monkeypatch):
    mark_sold_out(1, "abc")
    assert any_sold_out(["xyz", "abc"])
    assert not any_sold_out(["xyz"])
    assert not any_sold_out([])
    assert 0 < redis_client().pttl("soldout:abc") <= admission.SOLD_OUT_SECONDS * 1000
    forget_sold_out(variant_ids=[2], more=True)
    forget_sold_out(variant_ids=[1], more=False)
    assert any_sold_out(["abc"])
    forget_sold_out(variant_ids=[2, 1], more=True)
    assert not any_sold_out(["abc"])


def test_a_cart_is_shed_too(client, shop):
    client.post(reverse("orders:cart_add"), wish(shop))
    mark_sold_out(shop.variant.pk, shop.variant.code)
    form = {"variant": [shop.variant.code], "key": str(uuid4())}
    response = client.post(reverse("orders:cart_checkout"), form, follow=True)
    assert "그사이 품절된 상품이 있어요." in response.content.decode()
    assert Checkout.objects.count() == 0


def test_without_redis_nothing_is_sold_out_and_nobody_waits(monkeypatch):
    monkeypatch.setattr(admission, "redis_client", no_redis)
    mark_sold_out(1, "abc")
    forget_sold_out(variant_ids=[1], more=True)
    assert not any_sold_out(["abc"])
    assert [ask_to_enter(str(number)) for number in range(3)] == [0, 0, 0]


def test_a_quiet_shop_lets_everybody_in(settings):
    settings.CHECKOUTS_AT_ONCE = 100
    assert [ask_to_enter(str(number)) for number in range(20)] == [0] * 20


def test_who_came_first_goes_first_and_keeps_the_place(settings, doors):
    settings.CHECKOUTS_AT_ONCE = 2
    names = ["a", "b", "c", "d", "e"]
    assert [ask_to_enter(name) for name in names] == [1, 2, 3, 4, 5]
    assert [ask_to_enter(name) for name in reversed(names)] == [5, 4, 3, 2, 1]
    doors.open()
    assert ask_to_enter("e") == 3  # a and b may go, though e asked
    doors.close()
    assert ask_to_enter("late") == 4
    assert (ask_to_enter("a"), ask_to_enter("b"), ask_to_enter("c")) == (0, 0, 1)
    assert ask_to_enter("a") == 0  # as often as they like, for a minute
    doors.open()
    assert [ask_to_enter(name) for name in ("c", "d")] == [0, 0]


def test_a_newcomer_does_not_overtake_who_waits(settings, doors):
    settings.CHECKOUTS_AT_ONCE = 1
    assert ask_to_enter("waiting") == 1
    doors.open()
    assert ask_to_enter("newcomer") == 1
    doors.close()
    assert (ask_to_enter("waiting"), ask_to_enter("newcomer")) == (0, 1)


def test_a_pass_ends(settings, doors):
    ask_to_enter("a")
    doors.open()
    assert ask_to_enter("a") == 0
    doors.close()
    assert (
        55
        < redis_client().zscore("checkout:passes", "a") - redis_client().time()[0]
        <= admission.PASS_SECONDS
    )
    redis_client().zadd("checkout:passes", {"a": redis_client().time()[0] - 1})
    assert ask_to_enter("a") == 1


def test_a_place_nobody_asks_about_is_lost(doors):
    assert [ask_to_enter(name) for name in ("gone", "a")] == [1, 2]
    redis_client().zadd("checkout:asked", {"gone": redis_client().time()[0] - admission.PATIENCE_SECONDS - 1})
    assert ask_to_enter("a") == 1
    assert ask_to_enter("gone") == 2


def test_no_second_lets_in_more_than_the_limit(settings):
    settings.CHECKOUTS_AT_ONCE = 20
    people = [f"p{number}" for number in range(60)]
    let_in_at = {}

    def wait_in_line(name):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if ask_to_enter(name) == 0:
                let_in_at[name] = time.monotonic()
                return
            time.sleep(0.05)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(wait_in_line, people))
    assert set(let_in_at) == set(people)
    counters = {
        int(key.rpartition(b":")[2]): int(redis_client().get(key) or 0)
        for key in redis_client().scan_iter("checkout:let-in:*")
    }
    assert all(count <= 20 for count in counters.values())
    assert max(let_in_at.values()) - min(let_in_at.values()) > 1


@pytest.mark.parametrize("person", ["guest", "member"])
def test_the_waiting_page_shows_the_place_and_asks_again_by_itself(client, shop, person, doors):
    if person == "member":
        client.force_login(shop.buyer)
    assert ask_to_enter("first") == 1
    form = wish(shop)
    page = client.post(START, form)
    assert page.context["position"] == 2
    assert "내 순서는 2번째예요." in page.content.decode()
    assert "data-ask-again" in page.content.decode()
    assert f'value="{form["key"]}"' in page.content.decode()
    again = client.post(START, form, headers=SHEET)
    assert again.context["position"] == 2
    assert "<html" not in again.content.decode()
    assert Client().post(START, wish(shop)).context["position"] == 3
    assert Checkout.objects.count() == 0
    doors.open()
    assert client.post(START, form).status_code == 302
    assert Checkout.objects.count() == 1


def test_a_member_keeps_the_place_on_another_device(client, shop, doors):
    phone = Client()
    for browser in (client, phone):
        browser.force_login(shop.buyer)
    other = Client()
    other.force_login(make_member())
    assert client.post(START, wish(shop)).context["position"] == 1
    assert other.post(START, wish(shop)).context["position"] == 2
    assert phone.post(START, wish(shop)).context["position"] == 1


def test_the_cart_and_a_new_hold_wait_too(client, shop, doors):
    doors.open()
    client.post(START, wish(shop))
    checkout = Checkout.objects.get()
    client.post(reverse("orders:checkout_cancel", args=[checkout.code]))
    client.post(reverse("orders:cart_add"), wish(shop))
    doors.close()
    form = {"variant": [shop.variant.code], "key": str(uuid4())}
    cart = client.post(reverse("orders:cart_checkout"), form)
    again = client.post(reverse("orders:checkout_again", args=[checkout.code]), form)
    assert (cart.context["position"], again.context["position"]) == (1, 1)
    assert Checkout.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_rush_on_the_last_pieces_sells_them_once_and_sheds_the_rest():
    from django.db import connections

    from orders.tests.shop import open_shop

    shop = open_shop(stock=5)
    codes = []

    def rush(number):
        try:
            return Client().post(START, wish(shop)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(rush, range(36)))
    assert codes.count(302) == 5
    assert codes.count(409) == 31
    assert (Checkout.objects.count(), shop.left) == (5, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_guest_lose_nothing_of_the_cart():
    from django.db import connections

    from orders.cart.actions import merge, put_in
    from orders.models import Cart, CartLine
    from orders.tests.shop import open_shop

    shop = open_shop()
    cart = Cart.objects.create()
    variant = shop.product.variants.select_related("product").get()

    def tab(number):
        try:
            if number == 7:
                with transaction.atomic():
                    merge(Cart.objects.get(pk=cart.pk), shop.buyer)
            else:
                put_in(cart, variant, 1, broadcast=None)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tab, range(12)))
    assert sum(CartLine.objects.values_list("quantity", flat=True)) == 11
    merged = CartLine.objects.filter(cart__member=shop.buyer)
    assert merged.count() <= 1
