"""Two beats, two staff and a crowd of viewers at the same moment, with real threads and row locks."""

import threading
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from orders import ledger
from orders.ads.charging import book_days
from orders.ads.counting import count_click, today
from orders.ledger.walk import walk
from orders.models import Ad, AdDay, Settlement, Transfer
from orders.models.ads import AdQuerySet
from orders.settlements import actions
from orders.settlements.actions import NotPayable, pay_settlement, settle_all, settle_month
from orders.tests.books import move, seoul
from tests.concurrency import PATIENCE_SECONDS, at_once
from tests.makers import make_member, make_product

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

RACERS = 8
SEPTEMBER = date(2026, 9, 1)


def make_ad(**fields):
    seller = make_member()
    now = timezone.now()
    values = {
        "place": "main",
        "click_price": 100,
        "budget": 1_050,
        "starts_at": now - timedelta(days=3),
        "ends_at": now + timedelta(days=3),
    }
    return Ad.objects.create(seller=seller, product=make_product(seller), **(values | fields))


def test_a_month_settled_by_many_beats_at_once_is_one_statement():
    seller = make_member()
    for _sale in range(20):
        move(seller, "sale", 1_000, seoul(2026, 9, 5))
    results = at_once(*[partial(settle_month, seller.pk, SEPTEMBER)] * RACERS)
    assert results == [Settlement.objects.get()] * RACERS
    assert Settlement.objects.get().total == 20_000
    assert Transfer.objects.filter(settlement=None).count() == 0


def test_settling_everybody_twice_at_once_doubles_nothing():
    sellers = [make_member() for _each in range(5)]
    for seller in sellers:
        move(seller, "sale", 1_000, seoul(2026, 9, 5))
    at_once(*[partial(settle_all, SEPTEMBER)] * 4)
    assert list(Settlement.objects.values_list("total", flat=True)) == [1_000] * 5


def test_a_statement_paid_by_many_at_once_is_paid_once():
    seller = make_member()
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    statement = settle_month(seller.pk, SEPTEMBER)
    results = at_once(*[partial(pay_settlement, statement.pk, note="이체")] * RACERS)
    assert results.count(None) == 1
    assert sum(isinstance(result, NotPayable) for result in results) == RACERS - 1
    assert ledger.balance("paid_out") == 1_000


def test_without_the_lock_the_books_still_take_one_payout(monkeypatch):
    """Shows that the test above sees the lock, and what stands behind it."""
    seller = make_member()
    move(seller, "sale", 1_000, seoul(2026, 9, 5))
    statement = settle_month(seller.pk, SEPTEMBER)
    everybody_has_read = threading.Barrier(RACERS)

    def read(settlement_id):
        row = Settlement.objects.get(pk=settlement_id)
        everybody_has_read.wait(PATIENCE_SECONDS)
        return row

    monkeypatch.setattr(actions, "_lock", read)
    results = at_once(*[partial(pay_settlement, statement.pk, note="이체")] * RACERS)
    assert results.count(None) == 1
    assert sum(isinstance(result, IntegrityError) for result in results) == RACERS - 1
    assert ledger.balance("paid_out") == 1_000


def test_a_crowd_of_clicks_never_overspends_the_budget():
    ad = make_ad()
    results = at_once(*[partial(count_click, ad, f"viewer{number}") for number in range(16)])
    assert results.count(True) == 10
    assert results.count(False) == 6
    ad.refresh_from_db()
    day = AdDay.objects.get()
    assert (ad.spent, day.clicks, day.cost) == (1_000, 10, 1_000)


def test_the_same_crowd_overspends_without_the_condition(monkeypatch):
    """Shows that the test above can see it: the constraint refuses what the UPDATE would not."""
    ad = make_ad()
    monkeypatch.setattr(AdQuerySet, "running", lambda rows, at: rows)
    results = at_once(*[partial(count_click, ad, f"viewer{number}") for number in range(16)])
    assert sum(isinstance(result, IntegrityError) for result in results) == 6
    assert Ad.objects.get().spent == 1_000


def test_one_viewer_in_many_tabs_is_one_click():
    ad = make_ad()
    results = at_once(*[partial(count_click, ad, "viewer")] * RACERS)
    assert results.count(True) == 1
    assert Ad.objects.get().spent == 100


def test_days_booked_by_many_beats_at_once_are_booked_once():
    ad = make_ad(spent=700)
    AdDay.objects.create(ad=ad, day=today() - timedelta(days=1), clicks=7, cost=700)
    assert sum(at_once(*[book_days] * RACERS)) == 1
    assert ledger.balance("ads") == 700
    assert list(walk()) == []
