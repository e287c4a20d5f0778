import json
from dataclasses import dataclass
from typing import ClassVar

import pytest
import redis
from django.db import transaction

from common import events
from common.redis_client import redis_client


@dataclass(frozen=True, kw_only=True)
class Rang:
    type: ClassVar[str] = "bell.rang"
    times: int


@pytest.fixture
def room():
    """Listen to a room; the fixture returns what was heard so far."""
    listener = redis_client().pubsub(ignore_subscribe_messages=True)
    listener.subscribe(events.room_channel("r1"))
    listener.get_message(timeout=1)

    def heard():
        messages = []
        while message := listener.get_message(timeout=0.2):
            messages.append(json.loads(message["data"]))
        return messages

    yield heard
    listener.close()


@pytest.mark.django_db(transaction=True)
def test_news_travels_after_the_commit(room):
    with transaction.atomic():
        events.send_on_commit("r1", Rang(times=3))
        assert room() == []
    assert room() == [{"type": "bell.rang", "times": 3}]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_news(room):
    def fail():
        with transaction.atomic():
            events.send_on_commit("r1", Rang(times=3))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert room() == []


@pytest.mark.django_db(transaction=True)
def test_a_redis_fault_undoes_nothing(monkeypatch, caplog):
    def down(*args, **kwargs):
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "publish", down)
    with transaction.atomic():
        events.send_on_commit("r1", Rang(times=3))
    assert "not delivered" in caplog.text
