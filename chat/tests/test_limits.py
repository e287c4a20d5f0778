import time
from uuid import uuid4

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat import limits
from chat.limits import FRAMES_AT_ONCE, FRAMES_PER_SECOND, FrameAllowance, count_message
from chat.refusals import TooFast


@pytest.fixture(autouse=True)
def three_messages(settings):
    settings.CHAT_RATE_PER_10_SECONDS = 3


def test_only_so_many_messages_in_any_window(monkeypatch):
    monkeypatch.setattr(limits, "WINDOW_MS", 1500)
    for _ in range(3):
        count_message("anna", uuid4())
    with pytest.raises(TooFast) as refused:
        count_message("anna", uuid4())
    assert 0 < refused.value.retry_ms <= 1500

    time.sleep(refused.value.retry_ms / 1000)
    count_message("anna", uuid4())


def test_members_do_not_share_a_limit():
    for _ in range(3):
        count_message("anna", uuid4())
    count_message("bora", uuid4())


def test_the_same_message_counts_once():
    key = uuid4()
    for _ in range(10):
        count_message("anna", key)


def test_without_redis_nobody_is_refused(monkeypatch, caplog):
    away = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(limits, "redis_client", lambda: away)
    for _ in range(5):
        count_message("anna", uuid4())
    assert "not limited" in caplog.text


def test_frames_at_once_and_per_second():
    allowance = FrameAllowance(now=0)
    assert all(allowance.take(now=0) for _ in range(FRAMES_AT_ONCE))
    assert not allowance.take(now=0)
    assert all(allowance.take(now=2) for _ in range(2 * FRAMES_PER_SECOND))
    assert not allowance.take(now=2)


def test_a_long_pause_saves_up_no_more_than_at_the_start():
    allowance = FrameAllowance(now=0)
    assert sum(allowance.take(now=10_000) for _ in range(3 * FRAMES_AT_ONCE)) == FRAMES_AT_ONCE
