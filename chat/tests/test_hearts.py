"""Hearts: counted over all processes, told once a second, kept."""

import time
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.activities.hearts import hearts_key, hearts_of, keep_hearts
from chat.activities.models import HeartCount
from chat.limits import HEARTS_AT_ONCE, HEARTS_PER_SECOND
from chat.tests.browser import Browser
from chat.tests.servers import serving
from common.redis_client import redis_client


def give(tab, count):
    tab.send({"type": "hearts", "count": count})


def known(show):
    """Return what the database says, read as a room's state is."""
    return hearts_of(Broadcast.objects.select_related("heart_count").get(pk=show.pk))


def test_guests_and_members_give_hearts_and_everybody_hears_how_many(visit, broadcast, member):
    here, there = visit(member).open(broadcast.code), visit().open(broadcast.code)
    assert here.state["hearts"] == 0
    give(here, 20)
    give(there, 3)
    for tab in (here, there):
        assert tab.next("hearts.changed", count=23)
    assert visit().open(broadcast.code).state["hearts"] == 23


def test_many_hearts_are_told_at_most_once_a_second(visit, broadcast):
    gives, hears = visit().open(broadcast.code), visit().open(broadcast.code)
    began = time.monotonic()
    for _ in range(HEARTS_AT_ONCE):
        give(gives, 1)
        time.sleep(0.03)
    hears.next("hearts.changed", count=HEARTS_AT_ONCE)
    told = [event for frame in hears.frames for event in frame if event["type"] == "hearts.changed"]
    assert 1 <= len(told) <= time.monotonic() - began + 1


def test_hearts_of_two_processes_add_up(visit, broadcast):
    here = visit().open(broadcast.code)
    with serving() as other:
        browser = Browser(other)
        there = browser.open(broadcast.code)
        give(here, 5)
        give(there, 7)
        here.next("hearts.changed", count=12)
        there.next("hearts.changed", count=12)
        browser.close()


def test_one_socket_cannot_give_any_number(visit, broadcast):
    tab = visit().open(broadcast.code)
    for _ in range(10):
        give(tab, 20)
    first = tab.next("hearts.changed")["count"]
    assert HEARTS_AT_ONCE <= first <= HEARTS_AT_ONCE + 2 * HEARTS_PER_SECOND


@pytest.mark.parametrize("count", [0, 21, -1, True, 1.5, "3", None])
def test_no_page_of_ours_gives_such_a_number(visit, broadcast, count):
    tab = visit().open(broadcast.code)
    give(tab, count)
    assert tab.close_code() == 1007


def test_the_number_is_kept_while_on_the_air_and_once_more_after_the_end(broadcast):
    redis_client().set(hearts_key(broadcast.room), 40)
    keep_hearts()
    assert HeartCount.objects.get(broadcast=broadcast).count == 40
    redis_client().set(hearts_key(broadcast.room), 55)
    assert known(broadcast) == 55
    Broadcast.objects.filter(pk=broadcast.pk).update(status="ended", ended_at=timezone.now())
    keep_hearts()
    assert known(broadcast) == 55


def test_what_comes_long_after_the_end_is_not_kept(broadcast):
    HeartCount.objects.create(broadcast=broadcast, count=9)
    long_ago = timezone.now() - timedelta(minutes=5)
    Broadcast.objects.filter(pk=broadcast.pk).update(status="ended", ended_at=long_ago)
    redis_client().set(hearts_key(broadcast.room), 1000)
    keep_hearts()
    assert known(broadcast) == 9


def test_a_redis_that_forgot_is_told_what_was_kept(broadcast):
    HeartCount.objects.create(broadcast=broadcast, count=500)
    redis_client().set(hearts_key(broadcast.room), 4)  # given since it was restarted
    assert known(broadcast) == 500
    keep_hearts()
    assert int(redis_client().get(hearts_key(broadcast.room))) == 500
    assert HeartCount.objects.get(broadcast=broadcast).count == 500


def test_without_redis_the_kept_number_is_shown(broadcast, monkeypatch):
    HeartCount.objects.create(broadcast=broadcast, count=7)
    monkeypatch.setattr("chat.activities.hearts.room_redis", _away)
    assert known(broadcast) == 7


def _away(room):
    raise redis.ConnectionError
