"""New followers on the overlay: told together, once a day each, and only where the seller shows them."""

from dataclasses import asdict

import pytest
import redis
from django.urls import reverse

from broadcasts.following.actions import follow, unfollow
from broadcasts.models import Broadcast
from chat.activities.tasks import look_after
from chat.overlay import followers
from chat.overlay.actions import change_look, issue_token, revoke_token
from common.redis_client import redis_client
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    """On the air, with an overlay."""
    show = make_broadcast(make_member(), status="live")
    issue_token(show.channel)
    return show


@pytest.fixture
def told(monkeypatch):
    """What rooms are told, in order."""
    events = []
    monkeypatch.setattr(followers, "send_on_commit", lambda room, event: events.append((room, event)))
    return events


@pytest.fixture
def come(show, django_capture_on_commit_callbacks):
    def come(member):
        with django_capture_on_commit_callbacks(execute=True):
            follow(member, show.channel)

    return come


def test_a_follower_is_told_with_the_nickname_and_nothing_else(show, told, come):
    member = make_member(nickname="봄이네")
    come(member)
    look_after()
    [(room, event)] = told
    assert room == show.room
    assert asdict(event) == {"version": event.version, "name": "봄이네", "count": 1}


def test_those_of_a_second_are_told_together(told, come):
    for name in ("가", "나", "다"):
        come(make_member(nickname=name))
    look_after()
    look_after()
    assert [(event.name, event.count) for _, event in told] == [("다", 3)]


def test_who_comes_back_is_told_once_a_day(show, told, come):
    member = make_member()
    for _ in range(3):
        come(member)
        unfollow(member, show.channel)
        look_after()
    assert len(told) == 1
    assert 0 < redis_client().ttl(f"followed:{show.channel.pk}:{member.pk}") <= 24 * 60 * 60


def test_each_channel_has_its_own(show, told, come, django_capture_on_commit_callbacks):
    other = make_broadcast(make_member(), status="live")
    issue_token(other.channel)
    member = make_member()
    come(member)
    with django_capture_on_commit_callbacks(execute=True):
        follow(member, other.channel)
    look_after()
    assert sorted(room for room, _ in told) == sorted([show.room, other.room])


def test_nothing_is_told_while_off_the_air_or_without_an_overlay(show, told, come):
    Broadcast.objects.filter(pk=show.pk).update(status="starting")
    come(make_member())
    Broadcast.objects.filter(pk=show.pk).update(status="live")
    revoke_token(show.channel)
    come(make_member())
    look_after()
    assert told == []


def test_the_seller_switches_it_off_and_on(client, show, told, come):
    client.force_login(show.channel.member)
    look = reverse("chat:overlay_look")
    client.post(look, {"theme": "dark", "size": "medium"})
    come(make_member())
    look_after()
    assert told == []
    client.post(look, {"theme": "dark", "size": "medium", "shows_followers": "on"})
    come(make_member())
    look_after()
    assert len(told) == 1


def test_it_is_on_from_the_beginning(client):
    client.force_login(make_member())
    html = client.get(reverse("chat:overlay_studio")).content.decode()
    assert "새 팔로워 보이기" in html
    assert " checked" in html


def test_without_redis_one_follows_all_the_same(show, told, come, monkeypatch, caplog):
    def away():
        raise redis.ConnectionError

    monkeypatch.setattr(followers, "redis_client", away)
    come(make_member())
    assert "follower not told" in caplog.text
    show.channel.refresh_from_db()
    assert show.channel.followers == 1


def test_another_look_keeps_the_address(show):
    change_look(show.channel, theme="light", size="small", shows_followers=False)
    show.channel.overlay.refresh_from_db()
    assert show.channel.overlay.digest
    assert not show.channel.overlay.shows_followers
