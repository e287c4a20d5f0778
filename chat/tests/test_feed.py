import asyncio
import json

import pytest

from broadcasts.events import ReplayReady, StockChanged
from chat.events import Author, MessagePosted
from chat.room import feed as feed_module
from chat.room.feed import Feed
from chat.room.frames import newest
from common.events import encode


def chat(seq):
    author = Author(name="가", code="a", badge="", bought=False)
    return encode(MessagePosted(seq=seq, key="k", author=author, text='{"type":"stock.changed"}', at="t"))


def stock(version, product="p"):
    return encode(StockChanged(version=version, product=product, left=version))


class Inbox:
    """Stands for an outbox and keeps what was put into it, decoded."""

    closed = False

    def __init__(self):
        self.frames = []

    def put_news(self, frame):
        self.frames.append(json.loads(frame["text"]))


@pytest.fixture
def feed(monkeypatch):
    monkeypatch.setattr(feed_module, "WINDOW_SECONDS", 0.05)
    return Feed("room")


async def until(is_so):
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0.001)


async def test_the_first_leaves_at_once_and_the_next_share_a_frame(feed):
    one, two = Inbox(), Inbox()
    feed.add(one, "a")
    feed.add(two, "b")
    feed.take(chat(1))
    await asyncio.sleep(0)
    assert [len(frame) for frame in one.frames] == [1]
    for seq in (2, 3, 4):
        feed.take(chat(seq))
    await until(lambda: len(two.frames) == 2)
    assert [[event["seq"] for event in frame] for frame in one.frames] == [[1], [2, 3, 4]]
    assert one.frames == two.frames


async def test_it_rests_when_nothing_happens_and_wakes_again(feed):
    inbox = Inbox()
    feed.add(inbox, "a")
    feed.take(chat(1))
    await until(lambda: feed._sender is None)
    feed.take(chat(2))
    await until(lambda: len(inbox.frames) == 2)


async def test_after_a_loss_everybody_is_asked_to_sync_once(feed):
    inbox = Inbox()
    feed.add(inbox, "a")
    feed.note_subscribed()
    await asyncio.sleep(0)
    assert inbox.frames == []
    feed.note_lost()
    feed.note_subscribed()
    feed.note_subscribed()
    await until(lambda: inbox.frames)
    assert inbox.frames == [[{"type": "room.resync"}]]


async def test_who_came_while_redis_was_away_is_asked_to_sync_too(feed, monkeypatch):
    monkeypatch.setattr(feed_module, "SUBSCRIBE_SECONDS", 0.01)
    inbox = Inbox()
    feed.add(inbox, "a")
    await feed.wait_subscribed()
    feed.note_subscribed()
    await until(lambda: inbox.frames)
    assert inbox.frames == [[{"type": "room.resync"}]]


async def test_an_event_nobody_can_read_does_not_silence_the_room(feed):
    inbox = Inbox()
    feed.add(inbox, "a")
    feed.take("{")
    feed.take("}")
    await until(lambda: feed._sender is None)
    feed.take(chat(1))
    await until(lambda: inbox.frames)


def test_viewers_are_counted_once_each(feed):
    tabs = [Inbox() for _ in range(3)]
    for tab, viewer in zip(tabs, ("a", "a", "b"), strict=True):
        feed.add(tab, viewer)
    assert feed.viewer_count == 2
    feed.remove(tabs[0])
    assert (feed.viewer_count, feed.departed) == (2, set())
    feed.remove(tabs[1])
    assert (feed.viewer_count, feed.departed) == (1, {"a"})
    feed.add(tabs[1], "a")
    assert (feed.viewer_count, feed.departed) == (2, set())


def test_only_the_newest_state_of_a_kind_is_sent():
    show = encode(ReplayReady(version=2))
    events = [stock(1), chat(1), stock(3), show, stock(2), chat(2), stock(1, "q")]
    assert newest(events) == [stock(3), chat(1), show, chat(2), stock(1, "q")]
    assert newest([chat(1)]) == [chat(1)]


def test_what_a_message_says_is_not_taken_for_state():
    assert newest([chat(1), chat(2), chat(3)]) == [chat(1), chat(2), chat(3)]
