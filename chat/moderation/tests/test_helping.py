"""The list of shows that a member helps with."""

import pytest
from django.urls import reverse

from broadcasts.models import Moderator
from tests.makers import make_broadcast, make_member

HELPING = reverse("chat:helping")


@pytest.fixture
def seen(client, moderator):
    """Return the shows on a page of the moderator's list."""
    client.force_login(moderator)
    return lambda page=1: list(client.get(HELPING, {"page": page}).context["page"])


def another_show(show, **fields):
    return make_broadcast(show.channel.member, **{"status": "scheduled"} | fields)


def test_it_lists_what_is_on_the_air_and_what_is_coming_in_the_channels_one_helps(show, moderator, seen):
    coming = another_show(show)
    for status in ("ended", "cancelled"):
        another_show(show, status=status)
    make_broadcast(make_member(), status="live")
    other = make_broadcast(make_member(), status="live")
    Moderator.objects.create(channel=other.channel, member=moderator)
    assert seen() == [other, show, coming]


def test_it_leads_to_the_control_room(client, show, moderator):
    client.force_login(moderator)
    address = reverse("broadcasts:control_room", args=[show.code])
    answer = client.get(HELPING)
    assert f'href="{address}"' in answer.content.decode()
    assert show.channel.member.nickname in answer.content.decode()
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("page", ["accounts:me", "broadcasts:studio"])
def test_only_those_who_help_are_led_to_it(client, moderator, member, page):
    client.force_login(member)
    assert HELPING not in client.get(reverse(page)).content.decode()
    client.force_login(moderator)
    assert HELPING in client.get(reverse(page)).content.decode()


def test_who_is_dismissed_finds_nothing_more(client, show, moderator, seen):
    assert seen() == [show]
    Moderator.objects.all().delete()
    assert seen() == []
    assert "지금은 도울 방송이 없어요" in client.get(HELPING).content.decode()


def test_a_long_list_comes_in_pages_and_takes_no_more_queries(
    show, seen, client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as few:
        assert seen() == [show]
    coming = [another_show(show) for _ in range(24)]
    with django_assert_max_num_queries(len(few)):
        assert seen() == [show, *coming[:4:-1]]
    assert seen(2) == coming[4::-1]
