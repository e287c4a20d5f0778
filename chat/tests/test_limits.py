import time
from uuid import uuid4

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat import limits
from chat.limits import (
    SAME_BY_MANY,
    SAME_BY_ONE,
    SAME_BY_ONE_IN,
    SAME_SHORT_BY_ONE,
    Said,
    count_messages,
    gist_of,
)
from chat.refusals import Repeated, RoomBusy, SaidByMany, SlowedDown, TooFast
from common.presence import presence_key
from common.redis_client import room_redis


def said(text=None, *, member="anna", key=None, **fields):
    key = key or uuid4()
    return Said(member=member, key=key, text=text or str(key), **fields)


def count(*messages, room="room"):
    return [type(refusal) if refusal else None for refusal in count_messages(room, messages)]


@pytest.fixture
def three_messages(settings):
    settings.CHAT_RATE_PER_10_SECONDS = 3


def test_only_so_many_messages_in_any_window(three_messages, monkeypatch):
    monkeypatch.setattr(limits, "WINDOW_MS", 1500)
    assert count(said(), said(), said()) == [None] * 3
    [refusal] = count_messages("another", [said()])
    assert isinstance(refusal, TooFast)
    assert 0 < refusal.retry_ms <= 1500

    time.sleep(refusal.retry_ms / 1000)
    assert count(said()) == [None]


def test_members_do_not_share_a_limit(three_messages):
    assert count(*(said() for _ in range(4)), said(member="bora")) == [None, None, None, TooFast, None]


def test_the_same_message_counts_once(three_messages):
    key = uuid4()
    assert count(*(said(key=key, slow_seconds=5) for _ in range(10))) == [None] * 10


def test_slow_mode_makes_each_member_wait_in_this_room_only():
    assert count(said(slow_seconds=2), said(slow_seconds=2)) == [None, SlowedDown]
    [refusal] = count_messages("room", [said(slow_seconds=2)])
    assert 0 < refusal.retry_ms <= 2000
    assert "2초" in refusal.message
    assert count(said(slow_seconds=2, member="bora"), said()) == [None, None]
    assert count(said(slow_seconds=2), room="another") == [None]


def test_what_is_refused_costs_nothing(three_messages):
    assert count(said(slow_seconds=60), *(said(slow_seconds=60) for _ in range(5)))[1:] == [SlowedDown] * 5
    assert count(said(), said(), said()) == [None, None, TooFast]


@pytest.mark.parametrize(
    "again",
    [
        "여기서 정말 싸게 팔아요",
        "여기서  정말 싸게 팔아요!!!",
        "여기서 정말 싸게 팔아요 1",
        "여기서 정말 싸게 팔아요요요요",
        "✨여기서✨정말✨싸게✨팔아요✨",
    ],
)
def test_one_member_says_nearly_the_same_only_so_often(settings, again):
    settings.CHAT_RATE_PER_10_SECONDS = 100
    text = "여기서 정말 싸게 팔아요"
    assert count(*(said(text) for _ in range(SAME_BY_ONE)), said(again)) == [None] * SAME_BY_ONE + [Repeated]
    assert count(said("그럼 저는 다른 이야기를 할게요"), said(again, member="bora")) == [None, None]


def test_short_texts_may_be_said_more_often(settings):
    settings.CHAT_RATE_PER_10_SECONDS = 100
    answers = count(*(said("ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ") for _ in range(SAME_SHORT_BY_ONE + 1)))
    assert answers == [None] * SAME_SHORT_BY_ONE + [Repeated]


def test_a_long_text_is_copied_by_so_many_members_only():
    text = "이 판매자 물건은 절대로 사지 마세요"
    crowd = [said(text, member=f"m{number}") for number in range(SAME_BY_MANY + 1)]
    assert count(*crowd) == [None] * SAME_BY_MANY + [SaidByMany]
    assert count(said(text, member="m0")) == [None]
    assert count(said(text, member="new"), room="another") == [None]


def watch(room, viewers):
    until = time.time() + 60
    room_redis(room).zadd(presence_key(room), {f"g:{number}": until for number in range(viewers)})


@pytest.mark.parametrize(
    ("viewers", "most"),
    [(1, SAME_BY_MANY), (SAME_BY_MANY * SAME_BY_ONE_IN, SAME_BY_MANY), (400, 400 // SAME_BY_ONE_IN)],
)
def test_in_a_large_room_a_share_of_its_viewers_may_say_what_the_host_asks_for(viewers, most):
    watch("room", viewers)
    crowd = [said("오늘 방송 최고예요 꼭 살게요", member=f"m{number}") for number in range(most + 1)]
    assert count(*crowd) == [None] * most + [SaidByMany]


def test_who_keeps_order_repeats_what_everybody_says(settings):
    settings.CHAT_RATE_PER_10_SECONDS = 100
    text = "저를 따라 써 주세요, 오늘만 이 가격"
    own = [said(text, keeps_order=True) for _ in range(SAME_SHORT_BY_ONE + 1)]
    assert set(count(*own)) == {None}
    crowd = [said(text, member=f"m{number}") for number in range(SAME_BY_MANY + 1)]
    assert count(*crowd) == [None] * SAME_BY_MANY + [SaidByMany], "the host's own are not among them"
    assert count(said(text, member="moderator", keeps_order=True)) == [None]


def test_nobody_looks_for_viewers_because_of_short_texts(monkeypatch):
    monkeypatch.setattr(limits, "count_viewers", None)
    assert count(said("안녕하세요")) == [None]


def test_greetings_may_be_said_by_everybody():
    crowd = [said("안녕하세요", member=f"m{number}") for number in range(3 * SAME_BY_MANY)]
    assert set(count(*crowd)) == {None}


def test_a_room_takes_so_many_a_second(monkeypatch):
    monkeypatch.setattr(limits, "ROOM_PER_SECOND", 5)
    crowd = [said(member=f"m{number}") for number in range(6)]
    assert count(*crowd) == [None] * 5 + [RoomBusy]
    [refusal] = count_messages("room", [said(member="late")])
    assert 0 < refusal.retry_ms <= 1000
    assert count(said(member="elsewhere"), room="another") == [None]


def test_without_redis_nobody_is_refused(three_messages, monkeypatch, caplog):
    away = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(limits, "redis_client", lambda: away)
    assert count(*(said() for _ in range(5))) == [None] * 5
    assert "not limited" in caplog.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("네", "네!!", True),
        ("네", "넹", False),
        ("1번", "2번", False),
        ("주문번호 1234 확인 부탁드려요", "주문번호 5678 확인 부탁드려요", True),
        ("❤️❤️", "👏", False),
        ("ABC", "abc", True),
    ],
)
def test_what_is_nearly_the_same(one, other, same):
    assert (gist_of(one) == gist_of(other)) is same
