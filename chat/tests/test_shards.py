"""Rooms spread over several Redis servers."""

import redis

from broadcasts.models import Broadcast
from chat.tests.browser import Browser
from chat.tests.servers import free_port, redis_at, serving, wait_until
from common.presence import count_viewers, presence_key
from common.redis_client import url_of_room


def test_each_room_lives_on_one_server_and_works(broadcast, member, settings):
    ports = [free_port(), free_port()]
    urls = [f"redis://127.0.0.1:{port}/0" for port in ports]
    settings.REDIS_URLS = urls
    there = next(
        show for show in more_shows(broadcast) if url_of_room(show.room) != url_of_room(broadcast.room)
    )
    with redis_at(ports[0]), redis_at(ports[1]), serving(REDIS_URLS=",".join(urls)) as server:
        for number, show in enumerate([broadcast, there]):
            writer, guest = Browser(server, member), Browser(server)
            tab = guest.open(show.code)
            key = writer.open(show.code).say(f"{number}번 서버")
            assert tab.next("chat.message", key=key)["seq"] == 1
        for show in (broadcast, there):
            assert wait_until(lambda show=show: marks(show, urls) == {url_of_room(show.room): 2})
        assert count_viewers([broadcast.room, there.room]) == {broadcast.room: 2, there.room: 2}
        assert not server.errors()


def more_shows(show):
    """Shows of the same channel, one after the other."""
    for _ in range(50):
        yield Broadcast.objects.create(channel=show.channel, title="다른 방송")


def marks(show, urls):
    """Viewers' marks of a room on the servers that have any."""
    counts = {url: redis.Redis.from_url(url).zcard(presence_key(show.room)) for url in urls}
    return {url: count for url, count in counts.items() if count}


def test_a_room_is_always_on_the_same_server(settings):
    settings.REDIS_URLS = ["redis://a", "redis://b", "redis://c"]
    homes = {f"room{number}": url_of_room(f"room{number}") for number in range(300)}
    assert homes == {room: url_of_room(room) for room in homes}
    assert all(80 <= list(homes.values()).count(url) <= 120 for url in settings.REDIS_URLS)
