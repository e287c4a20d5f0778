"""Who opened a product's sheet during its show: counted once each, kept, and set against the orders."""

from datetime import timedelta

import pytest
import redis
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast, Moderator
from chat.report import openers
from chat.report.models import OpenerCount
from chat.report.openers import keep_openers, note_opener, openers_of
from chat.report.reading import read_report
from common.redis_client import redis_client
from orders.models import Order
from orders.tests.shop import open_shop
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db

BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605"}
SHEET = BROWSER | {"hx-request": "true"}


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def item(shop):
    return shop.broadcast.lineup.select_related("broadcast").get()


def open_sheet(shop, *, member=None, headers=None, device=None, method="get"):
    device = device or Client()
    if member:
        device.force_login(member)
    address = reverse("orders:buy", args=[shop.broadcast.code, shop.product.code])
    response = getattr(device, method)(address, headers=SHEET if headers is None else headers)
    assert response.status_code == 200
    return device


def opened(shop):
    return openers_of(shop.broadcast)[shop.product.pk]


def end(show):
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    show.refresh_from_db()


class TestCounting:
    def test_a_guest_is_one_in_one_browser(self, shop):
        device = open_sheet(shop)
        open_sheet(shop, device=device)
        assert opened(shop) == 1
        open_sheet(shop)
        assert opened(shop) == 2

    def test_a_member_is_one_on_all_devices(self, shop):
        open_sheet(shop, member=shop.buyer)
        open_sheet(shop, member=shop.buyer)
        assert opened(shop) == 1

    def test_looking_writes_nothing_into_the_database(self, shop, django_assert_num_queries):
        device = open_sheet(shop)
        with django_assert_num_queries(5) as queries:
            open_sheet(shop, device=device)
        assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)

    def test_a_page_of_its_own_counts_when_one_comes_from_ours(self, shop):
        open_sheet(shop, headers=BROWSER | {"sec-fetch-site": "same-origin"})
        assert opened(shop) == 1

    @pytest.mark.parametrize(
        "headers",
        [
            BROWSER,
            BROWSER | {"sec-fetch-site": "cross-site"},
            BROWSER | {"sec-fetch-site": "same-origin", "sec-purpose": "prefetch"},
            {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)", "hx-request": "true"},
        ],
    )
    def test_links_from_elsewhere_and_programs_count_for_nothing(self, shop, headers):
        device = open_sheet(shop, headers=headers)
        assert opened(shop) == 0
        assert "browser" not in device.cookies

    def test_nor_does_asking_for_the_head_only(self, shop):
        open_sheet(shop, method="head")
        assert opened(shop) == 0

    def test_a_show_whose_picture_is_away_goes_on_counting(self, shop):
        Broadcast.objects.filter(pk=shop.broadcast.pk).update(status="reconnecting")
        open_sheet(shop)
        assert opened(shop) == 1

    def test_who_looks_at_the_replay_is_not_counted(self, shop):
        end(shop.broadcast)
        open_sheet(shop)
        assert opened(shop) == 0

    def test_the_cookie_is_not_the_one_that_sockets_know_guests_by(self, shop):
        device = open_sheet(shop)
        assert "viewer" not in device.cookies

    def test_without_redis_one_buys_as_before(self, shop, monkeypatch):
        away = redis.Redis(port=1, socket_connect_timeout=0.1)
        monkeypatch.setattr(openers, "room_redis", lambda room: away)
        OpenerCount.objects.create(broadcast=shop.broadcast, product=shop.product, count=4)
        open_sheet(shop)
        assert opened(shop) == 4


class TestKeeping:
    def test_what_was_kept_survives_redis(self, shop, item):
        for number in range(300):
            note_opener(item, f"viewer-{number}")
        keep_openers()
        counted = opened(shop)
        assert counted == pytest.approx(300, rel=0.03)
        redis_client().flushdb()
        assert opened(shop) == counted
        keep_openers()
        for number in range(300):
            note_opener(item, f"viewer-{number}")
        assert opened(shop) == counted  # nobody is counted twice

    def test_who_comes_before_redis_learned_again_is_added(self, shop, item):
        for number in range(20):
            note_opener(item, f"viewer-{number}")
        keep_openers()
        redis_client().flushdb()
        for number in range(10, 50):
            note_opener(item, f"viewer-{number}")
        keep_openers()
        row = OpenerCount.objects.get()
        assert row.count == opened(shop) == pytest.approx(50, abs=1)
        assert row.sketch

    def test_nothing_is_written_where_nothing_changed(self, shop, item, django_assert_num_queries):
        note_opener(item, "somebody")
        keep_openers()
        with django_assert_num_queries(4) as queries:
            keep_openers()
        assert sum("sketch" in query["sql"] for query in queries.captured_queries) == 1

    def test_many_shows_take_the_same_queries(self, shop, django_assert_num_queries):
        for _ in range(4):
            seller = make_member()
            make_broadcast(seller, products=[make_product(seller) for _ in range(3)], status="live")
        with django_assert_num_queries(4):
            keep_openers()

    def test_the_last_seconds_of_a_show_are_kept_too(self, shop, item):
        note_opener(item, "at the last moment")
        end(shop.broadcast)
        assert opened(shop) == 1
        keep_openers()
        assert OpenerCount.objects.get().count == 1

    def test_who_they_were_is_forgotten_when_the_show_is_over(self, shop, item):
        note_opener(item, "somebody")
        keep_openers()
        long_ago = timezone.now() - openers.LAST_ROUND - timedelta(seconds=1)
        Broadcast.objects.filter(pk=shop.broadcast.pk).update(status="ended", ended_at=long_ago)
        keep_openers()
        row = OpenerCount.objects.get()
        assert (row.count, row.sketch) == (1, None)


class TestConversion:
    def test_orders_for_a_hundred_who_looked(self, shop, item):
        for number in range(8):
            note_opener(item, f"viewer-{number}")
        shop.sell()
        [row] = read_report(shop.broadcast).products
        assert (row.openers, row.orders, row.conversion) == (8, 1, 12.5)

    def test_what_the_replay_sold_is_no_part_of_it(self, shop, item):
        for number in range(8):
            note_opener(item, f"viewer-{number}")
        shop.sell()
        later = shop.sell()
        end(shop.broadcast)
        after = shop.broadcast.ended_at + timedelta(hours=1)
        Order.objects.filter(pk=later.pk).update(created_at=after)
        [row] = read_report(shop.broadcast).products
        assert (row.orders, row.conversion) == (2, 12.5)

    def test_the_page_draws_it(self, client, shop, item):
        for number in range(8):
            note_opener(item, f"viewer-{number}")
        shop.sell()
        client.force_login(shop.seller)
        address = reverse("chat:report", args=[shop.broadcast.code])
        page = client.get(address).content.decode()
        assert "구매 전환율" in page
        assert 'value="12.5"' in page
        assert "12.5%" in page

    def test_nobody_looked(self, client, shop):
        client.force_login(shop.seller)
        page = client.get(reverse("chat:report", args=[shop.broadcast.code])).content.decode()
        assert 'data-label="구매 전환율">–</td>' in page

    def test_a_moderator_is_told_nothing_of_it(self, client, shop):
        moderator = make_member()
        Moderator.objects.create(channel=shop.broadcast.channel, member=moderator)
        client.force_login(moderator)
        assert client.get(reverse("chat:report", args=[shop.broadcast.code])).status_code == 403

    def test_many_products_take_the_same_queries(self, shop, django_assert_num_queries):
        for _products in range(2):
            show = Broadcast.objects.get()
            with django_assert_num_queries(13):
                read_report(show)
            for number in range(5):
                show.lineup.create(product=make_product(shop.seller), position=number + 1)
