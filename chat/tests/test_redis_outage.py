"""Redis goes away and comes back while people are in the room."""

import time

import redis

from chat.tests.browser import Browser
from chat.tests.servers import free_port, redis_at, serving, wait_until
from common.presence import presence_key


def test_the_room_survives_redis(broadcast, member):
    port = free_port()
    with redis_at(port) as first, serving(REDIS_URL=f"redis://127.0.0.1:{port}/0") as server:
        guest, writer = Browser(server).open(broadcast.code), Browser(server, member).open(broadcast.code)
        writer.say("하나")
        guest.next("chat.message", seq=1)

        first.kill()
        first.wait()
        key = writer.say("둘")
        assert writer.next("chat.message", key=key)["seq"] == 2  # kept, though nobody else can hear it yet
        late = Browser(server).open(broadcast.code)  # and the room can be entered
        assert [message["seq"] for message in late.state["history"]] == [1, 2]

        with redis_at(port):
            back = time.monotonic()
            for tab in (guest, writer, late):
                tab.next("room.resync", seconds=15)
            assert time.monotonic() - back < 8
            assert [message["text"] for message in guest.sync(after=1)["history"]] == ["둘"]
            writer.say("셋")
            for tab in (guest, late):
                tab.next("chat.message", seq=3)
            marks = redis.Redis(port=port)
            assert wait_until(lambda: marks.zcard(presence_key(broadcast.room)) == 3)
        assert not server.errors()
