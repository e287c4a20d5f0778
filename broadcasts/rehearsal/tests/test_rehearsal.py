"""A rehearsal's leave: who gets it, who does not, when it ends."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadcasts.actions import start_broadcast
from broadcasts.rehearsal.actions import (
    TRIES_IN_TEN_MINUTES,
    NotBeforeTheShow,
    close_rehearsal,
    open_rehearsal,
)
from broadcasts.rehearsal.models import Rehearsal
from broadcasts.rehearsal.picture import Piece
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    return make_broadcast(make_member(nickname="파는사람"), title="새 겨울옷")


@pytest.fixture
def rehearsal(show):
    return open_rehearsal(show.pk)


@pytest.fixture
def fetched(monkeypatch):
    """The pieces that were read from the ingest, which is not there."""
    names = []

    def read(rehearsal, name, query):
        names.append((name, query))
        return Piece(200, "application/vnd.apple.mpegurl", b"#EXTM3U\n")

    monkeypatch.setattr("broadcasts.rehearsal.views.read_piece", read)
    return names


def page(rehearsal):
    return reverse("broadcasts:rehearsal", args=[rehearsal.code])


def playlist(rehearsal):
    return reverse("broadcasts:rehearsal_picture", args=[rehearsal.code, "index.m3u8"])


def enter(client, rehearsal):
    return client.post(page(rehearsal), {"pass_code": rehearsal.pass_code})


def test_the_pass_code_lets_a_guest_see_the_picture(client, rehearsal, fetched):
    before = client.get(page(rehearsal))
    assert "입장 코드" in before.content.decode()
    assert "playback" not in before.content.decode()
    assert client.get(playlist(rehearsal)).status_code == 403

    assert enter(client, rehearsal).status_code == 302
    inside = client.get(page(rehearsal))
    assert playlist(rehearsal) in inside.content.decode()
    assert inside.headers["X-Robots-Tag"] == "noindex"
    assert client.get(playlist(rehearsal) + "?_HLS_msn=3").content == b"#EXTM3U\n"
    assert fetched == [("index.m3u8", "_HLS_msn=3")]
    assert Client().get(playlist(rehearsal)).status_code == 403, "another browser still needs the code"


def test_the_address_that_viewers_of_every_show_get_is_not_given_away(client, rehearsal):
    channel = rehearsal.broadcast.channel
    enter(client, rehearsal)
    text = client.get(page(rehearsal)).content.decode()
    assert channel.playback_url not in text
    assert channel.playback_url.split("/")[-2] not in text


def test_a_wrong_code_opens_nothing_and_guessing_ends(client, rehearsal):
    wrong = f"{(int(rehearsal.pass_code) + 1) % 10**6:06d}"
    response = client.post(page(rehearsal), {"pass_code": wrong})
    assert response.status_code == 422
    assert "입장 코드가 맞지 않아요" in response.content.decode()
    for _ in range(TRIES_IN_TEN_MINUTES):
        response = Client().post(page(rehearsal), {"pass_code": wrong})
    assert "10분 뒤에" in response.content.decode()
    assert "10분 뒤에" in enter(client, rehearsal).content.decode(), "the right one would be a guess too"
    assert client.get(playlist(rehearsal)).status_code == 403


@pytest.mark.parametrize("given", ["", "abcdef", "１２３４５６", "0" * 500])
def test_nonsense_is_only_wrong(client, rehearsal, given):
    assert client.post(page(rehearsal), {"pass_code": given}).status_code == 422


def test_the_digits_may_be_typed_in_groups(client, rehearsal):
    code = rehearsal.pass_code
    assert client.post(page(rehearsal), {"pass_code": f"{code[:3]} {code[3:]}"}).status_code == 302


def _close(rehearsal):
    close_rehearsal(rehearsal.broadcast_id)


def _let_time_pass(rehearsal):
    Rehearsal.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def _start(rehearsal):
    start_broadcast(rehearsal.broadcast_id, by=rehearsal.broadcast.channel.member)


@pytest.mark.parametrize("end", [_close, _let_time_pass, _start])
def test_when_it_is_over_it_is_dark_at_once(client, rehearsal, fetched, end):
    enter(client, rehearsal)
    assert client.get(playlist(rehearsal)).status_code == 200
    asking = client.get(page(rehearsal), headers={"HX-Request": "true"})
    assert (asking.status_code, "HX-Refresh" in asking.headers) == (204, False)

    end(rehearsal)
    assert client.get(playlist(rehearsal)).status_code == 403
    assert client.get(page(rehearsal), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    text = client.get(page(rehearsal)).content.decode()
    assert "리허설이 끝났어요" in text
    assert enter(Client(), rehearsal).status_code == 200, "the code opens nothing any more"
    assert len(fetched) == 1


def test_its_seller_needs_no_code(client, rehearsal, fetched):
    client.force_login(rehearsal.broadcast.channel.member)
    assert client.get(playlist(rehearsal)).status_code == 200


def test_opening_twice_opens_one(show):
    first = open_rehearsal(show.pk)
    assert open_rehearsal(show.pk) == first
    _let_time_pass(first)
    second = open_rehearsal(show.pk)
    assert second != first
    assert len(second.pass_code) == 6
    assert second.code != first.code


def test_a_show_that_has_begun_cannot_be_rehearsed(show):
    start_broadcast(show.pk, by=show.channel.member)
    with pytest.raises(NotBeforeTheShow):
        open_rehearsal(show.pk)


def test_the_seller_opens_hands_out_and_closes_it(client, show):
    client.force_login(show.channel.member)
    htmx = {"HX-Request": "true"}
    opened = client.post(
        reverse("broadcasts:rehearsal_studio", args=[show.code]), headers=htmx
    ).content.decode()
    rehearsal = Rehearsal.objects.get()
    assert rehearsal.pass_code in opened
    assert f"http://testserver{page(rehearsal)}" in opened
    closed = client.post(
        reverse("broadcasts:rehearsal_close", args=[show.code]), headers=htmx
    ).content.decode()
    assert "리허설 열기" in closed
    rehearsal.refresh_from_db()
    assert not rehearsal.is_open


def test_the_pass_code_is_not_readable_in_the_database(rehearsal):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pass_code FROM rehearsal_rehearsal")
        assert rehearsal.pass_code not in cursor.fetchone()[0]


def test_viewers_hear_nothing_of_it(client, rehearsal):
    text = client.get(reverse("broadcasts:watch", args=[rehearsal.broadcast.code])).content.decode()
    assert rehearsal.code not in text
    assert 'data-playback-url=""' in text
