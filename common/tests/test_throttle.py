"""However many ask at once, the service hears no more than agreed."""

import threading
import time

import pytest
import redis

from common import throttle
from common.errors import ProviderError, ProviderRefused
from common.throttle import wait_for_turn


def take_turns(callers, **options):
    """Let so many threads ask at once; return (moments granted, how many were sent away)."""
    gate = threading.Barrier(callers)
    turns, refused = [], []

    def ask():
        gate.wait(10)
        try:
            turns.append(wait_for_turn("service", **options))
        except ProviderError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(turns), len(refused)


def test_no_second_has_more_than_the_limit():
    turns, refused = take_turns(20, per_second=5)
    assert refused == 20 - len(turns)
    assert len(turns) >= 10  # five at once, five after a second
    for first, sixth in zip(turns, turns[5:], strict=False):
        assert sixth - first >= 1000


def test_nobody_goes_before_their_turn():
    began = time.monotonic()
    turns, _ = take_turns(6, per_second=5)
    assert time.monotonic() - began >= (turns[5] - turns[0]) / 1000 - 0.05


def test_who_would_wait_too_long_comes_back_later():
    for _ in range(5):
        wait_for_turn("service", per_second=5)
    with pytest.raises(ProviderError) as refusal:
        wait_for_turn("service", per_second=5, wait_seconds=0.2)
    assert not isinstance(refusal.value, ProviderRefused)
    wait_for_turn("another service", per_second=5, wait_seconds=0)


def test_those_sent_away_take_nobodys_turn():
    for _ in range(5):
        wait_for_turn("service", per_second=5)
    for _ in range(3):
        with pytest.raises(ProviderError):
            wait_for_turn("service", per_second=5, wait_seconds=0)
    began = time.monotonic()
    wait_for_turn("service", per_second=5)
    assert time.monotonic() - began < 1.5


def test_without_redis_the_call_is_tried_again_later(monkeypatch):
    class Gone:
        def eval(self, *args):
            raise redis.ConnectionError

    monkeypatch.setattr(throttle, "redis_client", Gone)
    with pytest.raises(ProviderError):
        wait_for_turn("service", per_second=5)
