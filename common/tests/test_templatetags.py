from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from common.templatetags.money import compact, won
from common.templatetags.when import clock, when


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0원"), (None, "0원"), (900, "900원"), (12_900, "12,900원"), (1_234_567, "1,234,567원")],
)
def test_won(amount, text):
    assert won(amount) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "0"),
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "1만"),
        (12_345, "1.2만"),
        (990_000, "99만"),
        (12_345_678, "1,235만"),
    ],
)
def test_compact(count, text):
    assert compact(count) == text


@pytest.fixture
def noon(monkeypatch):
    """It is noon in Seoul on Tuesday, 24 November 2026."""
    moment = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(hours=8), "오늘 오후 8:00"),
        (timedelta(hours=-3), "오늘 오전 9:00"),
        (timedelta(days=1, hours=8), "내일 오후 8:00"),
        (timedelta(days=-1), "어제 오후 12:00"),
        (timedelta(days=5), "11월 29일(일) 오후 12:00"),
        (timedelta(days=60), "2027년 1월 23일(토) 오후 12:00"),
        (timedelta(hours=12), "내일 오전 12:00"),
    ],
)
def test_when(noon, away, text):
    assert when(noon + away) == text


def test_when_without_a_moment():
    assert when(None) == ""


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, "0:00"),
        (timedelta(seconds=9.9), "0:09"),
        (timedelta(minutes=4, seconds=32), "4:32"),
        (timedelta(hours=1, minutes=4, seconds=5), "1:04:05"),
    ],
)
def test_clock(length, text):
    assert clock(length) == text
