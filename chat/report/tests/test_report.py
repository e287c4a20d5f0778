"""A show's numbers while it runs, what is written down of them, and the report made of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast, Moderator
from broadcasts.tests.shows import START, record
from catalog.models import Product
from chat.activities.models import HeartCount
from chat.models import Room
from chat.questions.models import Question
from chat.report import numbers, sampling
from chat.report.models import Sample
from chat.report.reading import read_curve, read_report
from common.presence import presence_key
from common.redis_client import redis_client
from orders.models import Cart
from orders.tests.shop import open_shop
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    redis_client().flushdb()
    return open_shop()


def look_on(show, count):
    """Let so many be watching."""
    soon = timezone.now().timestamp() + 60
    redis_client().zadd(presence_key(show.room), {f"viewer-{number}": soon for number in range(count)})


def chat(show, count):
    room, _ = Room.objects.get_or_create(broadcast=show)
    room.last_seq += count
    room.save()


def sample(show, second, *, viewers=10, messages=0, orders=0):
    at = START + timedelta(seconds=second)
    return Sample.objects.create(
        broadcast=show, at=at, viewers=viewers, messages=messages, hearts=0, orders=orders
    )


def get(client, name, show, by):
    client.force_login(by)
    return client.get(reverse(f"chat:{name}", args=[show.code]))


class TestNumbers:
    def test_what_the_seller_gets(self, client, shop):
        look_on(shop.broadcast, 3)
        chat(shop.broadcast, 12)
        HeartCount.objects.create(broadcast=shop.broadcast, count=40)
        shop.sell(quantity=2)
        answer = get(client, "numbers", shop.broadcast, shop.seller)
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.json() == {
            "viewers": 3,
            "peak": 3,
            "chat_per_minute": 12,
            "hearts": 40,
            "carts": 0,
            "orders": 1,
            "revenue": 25_800,
        }

    def test_a_moderator_gets_no_revenue(self, client, shop):
        moderator = make_member()
        Moderator.objects.create(channel=shop.broadcast.channel, member=moderator)
        shop.sell()
        answer = get(client, "numbers", shop.broadcast, moderator).json()
        assert answer["orders"] == 1
        assert "revenue" not in answer
        assert "12900" not in str(answer)

    @pytest.mark.parametrize("name", ["report", "report_summary", "report_curve"])
    def test_nor_any_report(self, client, shop, name):
        moderator = make_member()
        Moderator.objects.create(channel=shop.broadcast.channel, member=moderator)
        assert get(client, name, shop.broadcast, moderator).status_code == 403

    def test_carts_are_counted_once_each(self, shop):
        cart = Cart.objects.create()
        cart.lines.create(variant=shop.variant, broadcast=shop.broadcast, quantity=2, seen_price=12_900)
        assert numbers.numbers_of(shop.broadcast.code).carts == 1

    def test_the_rate_is_that_of_the_last_minute(self, shop):
        now = timezone.now()
        Broadcast.objects.filter(pk=shop.broadcast.pk).update(started_at=now - timedelta(minutes=10))
        for ago, messages in [(120, 100), (60, 400), (10, 430)]:
            Sample.objects.create(
                broadcast=shop.broadcast,
                at=now - timedelta(seconds=ago),
                viewers=1,
                messages=messages,
                hearts=0,
                orders=0,
            )
        chat(shop.broadcast, 450)
        assert numbers.numbers_of(shop.broadcast.code).chat_per_minute == 50

    def test_a_second_asks_the_database_once(self, shop, settings, django_assert_num_queries, monkeypatch):
        settings.SHARED_SECONDS = 1
        clock = [1_000_000.2]
        monkeypatch.setattr(numbers.time, "monotonic", lambda: clock[0])
        numbers.numbers_of(shop.broadcast.code)
        clock[0] += 0.7
        with django_assert_num_queries(0):
            numbers.numbers_of(shop.broadcast.code)
        clock[0] += 0.3
        with django_assert_num_queries(5):
            numbers.numbers_of(shop.broadcast.code)


class TestSampling:
    def test_shows_on_the_air_are_noted(self, shop):
        look_on(shop.broadcast, 2)
        chat(shop.broadcast, 5)
        HeartCount.objects.create(broadcast=shop.broadcast, count=7)
        shop.sell()
        make_broadcast(make_member(), status="ended")
        assert sampling.take_samples() == 1
        noted = Sample.objects.get()
        assert (noted.broadcast, noted.viewers, noted.messages) == (shop.broadcast, 2, 5)
        assert (noted.hearts, noted.orders) == (7, 1)
        assert (noted.at.second % 10, noted.at.microsecond) == (0, 0)

    def test_two_workers_at_once_note_once(self, shop, monkeypatch):
        moment = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: moment)
        sampling.take_samples()
        sampling.take_samples()
        assert Sample.objects.count() == 1

    def test_many_shows_take_the_same_queries(self, shop, django_assert_num_queries):
        for _ in range(5):
            make_broadcast(make_member(), status="live")
        with django_assert_num_queries(2):
            assert sampling.take_samples() == 6

    def test_old_ones_are_forgotten(self, shop):
        old = sample(shop.broadcast, 0)
        Sample.objects.filter(pk=old.pk).update(at=timezone.now() - sampling.KEPT - timedelta(days=1))
        new = Sample.objects.create(
            broadcast=shop.broadcast, at=timezone.now(), viewers=1, messages=0, hearts=0, orders=0
        )
        assert sampling.forget_old_samples() == 1
        assert Sample.objects.get() == new


class TestReport:
    def test_sums_and_means(self, shop):
        for second, viewers in [(0, 10), (10, 30), (20, 20)]:
            sample(shop.broadcast, second, viewers=viewers)
        shop.sell(quantity=3)
        report = read_report(shop.broadcast)
        assert (report.peak_viewers, report.mean_viewers) == (30, 20)
        assert (report.orders, report.revenue) == (1, 38_700)
        [row] = report.products
        assert (row.orders, row.pieces, row.revenue) == (1, 3, 38_700)

    def test_a_show_without_numbers_has_an_empty_one(self, client):
        show = make_broadcast(make_member(), status="ended")
        report = read_report(show)
        assert (report.rows, report.peaks, report.products[0].conversion) == ([], [], None)
        page = get(client, "report", show, show.channel.member).content.decode()
        assert "아직 그릴 숫자가 없어요" in page

    def test_the_curve_says_how_fast_the_chat_was(self, shop):
        sample(shop.broadcast, 0, messages=100)
        sample(shop.broadcast, 10, messages=120)
        sample(shop.broadcast, 30, messages=120)
        points = read_curve(shop.broadcast).points
        assert [point.chat_per_minute for point in points] == [0, 120, 0]

    def test_a_long_show_is_thinned_to_its_fullest_moments(self, shop, monkeypatch):
        monkeypatch.setattr("chat.report.reading.POINTS", 4)
        for number in range(10):
            sample(shop.broadcast, number * 10, viewers=number)
        assert [point.viewers for point in read_curve(shop.broadcast).points] == [2, 5, 8, 9]

    def test_pins_and_deals_are_marked_hidden_chapters_too(self, shop):
        product = Product.objects.get()
        Chapter.objects.create(
            broadcast=shop.broadcast,
            at=START,
            until=START + timedelta(seconds=60),
            title="울 자켓",
            product=product,
            source="pin",
            hidden=True,
        )
        item = shop.broadcast.lineup.get()
        item.deals.create(price=9_900, starts_at=START, ends_at=START + timedelta(seconds=90))
        pin, deal = read_curve(shop.broadcast).marks
        begin = int(START.timestamp())
        assert (pin.kind, pin.title, pin.since, pin.until) == ("pin", "울 자켓", begin, begin + 60)
        assert (deal.kind, deal.title, deal.until) == ("deal", "울 자켓 특가 9,900원", begin + 90)

    def test_the_loudest_minutes_lead_into_the_replay(self, shop):
        for second, messages in [(0, 0), (60, 5), (120, 55), (180, 55)]:
            sample(shop.broadcast, second, messages=messages)
        record(shop.broadcast)
        peaks = read_report(shop.broadcast).peaks
        assert [(peak.messages, peak.place.ms) for peak in peaks] == [(5, 0), (50, 60_000)]

    def test_the_page_of_a_whole_show(self, client, shop, django_assert_max_num_queries):
        for number in range(30):
            sample(shop.broadcast, number * 10, viewers=number, messages=number * 3)
        Question.objects.create(broadcast=shop.broadcast, author=shop.buyer, text="세탁기에 돌려도 되나요?")
        record(shop.broadcast)
        Chapter.objects.create(broadcast=shop.broadcast, at=START, title="첫 인사")
        client.force_login(shop.seller)
        with django_assert_max_num_queries(30):
            page = client.get(reverse("chat:report", args=[shop.broadcast.code])).content.decode()
        for words in ["세탁기에 돌려도 되나요?", "첫 인사", "그 장면 보기", "표로 보기", "울 자켓"]:
            assert words in page
        assert "12,900원" not in page  # nothing was sold
