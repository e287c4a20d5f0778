"""Advertisements: who is counted, what is charged and what the books get."""

from collections import Counter
from datetime import timedelta

import pytest
import redis
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from orders import ledger
from orders.ads import counting
from orders.ads.actions import CREDIT, NoRoom, buy_place, room_for_ads, stop_ad
from orders.ads.charging import book_days
from orders.ads.counting import count_click, count_impressions, flush_impressions, today
from orders.ads.links import click_address, is_genuine
from orders.ads.showing import draw, pick_ads
from orders.ledger.walk import walk
from orders.models import Ad, AdDay, Transfer
from tests.makers import make_category, make_member, make_product

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def make_ad(product=None, **fields):
    now = timezone.now()
    product = product or make_product(make_member())
    values = {
        "place": "main",
        "click_price": 100,
        "budget": 10_000,
        "starts_at": now - 3 * DAY,
        "ends_at": now + 3 * DAY,
    }
    return Ad.objects.create(seller=product.seller, product=product, **(values | fields))


@pytest.fixture
def ad():
    return make_ad()


@pytest.fixture
def no_redis(monkeypatch):
    away = redis.Redis(port=1, socket_connect_timeout=0.1)
    monkeypatch.setattr(counting, "redis_client", lambda: away)


def test_only_what_runs_is_shown(ad):
    now = timezone.now()
    make_ad(starts_at=now + DAY)
    make_ad(ends_at=now - DAY)
    make_ad(stopped_at=now)
    make_ad(spent=9_950)
    make_ad(place="category", category=make_category())
    make_ad(make_product(make_member(), state="paused"))
    sold_out = make_ad()
    sold_out.product.variants.get().stock.__class__.objects.filter(variant__product=sold_out.product).update(
        left=0
    )
    assert pick_ads("main", None) == [ad]


def test_a_category_shows_its_own():
    category = make_category()
    ad = make_ad(place="category", category=category)
    make_ad(place="category", category=make_category())
    assert pick_ads("category", category) == [ad]


def test_at_most_two_come_up_and_everybody_has_a_turn():
    ads = [make_ad(click_price=price) for price in (100, 100, 400)]
    turns = Counter()
    for _draw in range(600):
        shown = draw(ads)
        assert len({ad.pk for ad in shown}) == 2
        turns[shown[0].click_price] += 1
        turns[shown[0].pk] += 1
    assert all(turns[ad.pk] for ad in ads)
    assert turns[400] > turns[100]


def test_showing_takes_a_fixed_number_of_queries(django_assert_max_num_queries):
    for _number in range(5):
        make_ad()
    with django_assert_max_num_queries(4):
        assert len(pick_ads("main", None)) == 2


def test_impressions_count_each_viewer_once_a_day_however_often_they_are_flushed(ad):
    other = make_ad()
    for viewer in ("a", "b", "a"):
        count_impressions([ad, other], viewer)
    assert flush_impressions() == 2
    assert flush_impressions() == 0
    count_impressions([ad], "c")
    flush_impressions()
    assert dict(AdDay.objects.values_list("ad", "impressions")) == {ad.pk: 3, other.pk: 2}


def test_a_redis_that_forgot_counts_nobody_off(ad):
    for viewer in "abc":
        count_impressions([ad], viewer)
    flush_impressions()
    counting.redis_client().flushdb()
    count_impressions([ad], "a")
    flush_impressions()
    assert AdDay.objects.get().impressions == 3


def test_an_advertisement_that_was_deleted_is_passed_over(ad):
    count_impressions([ad], "a")
    ad.delete()
    assert flush_impressions() == 0


def test_what_was_charged_is_not_deleted(ad):
    count_click(ad, "a")
    for row in (ad, ad.product):
        with pytest.raises(ProtectedError):
            row.delete()


def test_a_click_is_charged_once_a_viewer_and_day(ad, monkeypatch):
    assert count_click(ad, "a")
    assert not count_click(ad, "a")
    assert count_click(ad, "b")
    tomorrow = today() + DAY
    monkeypatch.setattr(counting, "today", lambda: tomorrow)
    assert count_click(ad, "a")
    ad.refresh_from_db()
    assert ad.spent == 300
    assert sorted(AdDay.objects.values_list("clicks", "cost")) == [(1, 100), (2, 200)]


def test_a_budget_is_never_overspent():
    ad = make_ad(budget=1_050, click_price=500)
    assert [count_click(ad, viewer) for viewer in "abc"] == [True, True, False]
    ad.refresh_from_db()
    assert (ad.spent, ad.state) == (1_000, "used_up")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ad.objects.filter(pk=ad.pk).update(spent=1_051)


def test_a_stopped_one_costs_nothing_more(ad):
    assert stop_ad(ad)
    assert not stop_ad(ad)
    assert not count_click(ad, "a")
    assert AdDay.objects.count() == 0


def test_without_redis_nobody_is_counted_or_charged(ad, no_redis):
    count_impressions([ad], "a")
    assert not count_click(ad, "a")
    assert flush_impressions() == 0
    ad.refresh_from_db()
    assert ad.spent == 0


def test_days_that_are_over_are_booked_once_and_what_came_late_afterwards(ad):
    yesterday = today() - DAY
    AdDay.objects.create(ad=ad, day=today(), clicks=9, cost=900)
    day = AdDay.objects.create(ad=ad, day=yesterday, clicks=3, cost=300)
    Ad.objects.update(spent=1_200)
    assert (book_days(), book_days()) == (1, 0)
    assert ledger.balance("ads") == 300
    AdDay.objects.filter(pk=day.pk).update(clicks=4, cost=400)  # a click that was counted at midnight
    Ad.objects.update(spent=1_300)
    assert book_days() == 1
    assert list(Transfer.objects.values_list("amount", flat=True)) == [300, 100]
    assert ledger.balance("seller", seller=ad.seller) == -400
    assert list(walk()) == []


def buy(product, **changes):
    now = timezone.now()
    values = {"place": Ad.Place.MAIN, "category": None, "click_price": 100, "budget": 100_000}
    return buy_place(product, **(values | {"starts_at": now, "ends_at": now + DAY} | changes))


def test_a_seller_promises_no_more_than_the_credit_and_what_we_owe():
    product = make_product(make_member())
    assert room_for_ads(product.seller) == CREDIT
    buy(product, budget=250_000)
    with pytest.raises(NoRoom):
        buy(product, budget=50_001)
    ledger.book_correction(product.seller, 1_000, reason="선물", key="gift")
    buy(product, budget=51_000)
    assert room_for_ads(product.seller) == 0


def test_what_was_clicked_still_takes_its_room_once_the_ad_is_over():
    product = make_product(make_member())
    ad = buy(product, budget=100_000)
    count_click(ad, "a")
    stop_ad(ad)
    assert room_for_ads(product.seller) == CREDIT - 100


def test_a_link_is_good_for_one_viewer_and_some_hours(ad, monkeypatch):
    sig = click_address(ad, "viewer").partition("sig=")[2].replace("%3A", ":")
    assert is_genuine(ad, "viewer", sig)
    assert not is_genuine(ad, "other", sig)
    assert not is_genuine(make_ad(), "viewer", sig)
    assert not is_genuine(ad, "viewer", "")
    soon = timezone.now().timestamp() + 7 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: soon)
    assert not is_genuine(ad, "viewer", sig)
