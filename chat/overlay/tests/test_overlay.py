"""Who opens the overlay, and what it gives away."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from broadcasts.models import Broadcast
from chat.overlay.actions import issue_token, revoke_token
from chat.overlay.models import Overlay
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live")


def page(token):
    """As a broadcasting program asks: without any cookie."""
    return Client().get(reverse("chat:overlay", args=[token]))


def test_the_token_alone_opens_it(show):
    response = page(issue_token(show.channel))
    assert response.status_code == 200
    assert response.headers["Overlay-Show"] == show.code
    assert f"/ws/rooms/{show.code}/" in response.content.decode()


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "None"])
def test_another_token_opens_nothing(show, token):
    issue_token(show.channel)
    assert page(token).status_code == 404


def test_the_digest_is_no_token(show):
    issue_token(show.channel)
    assert page(Overlay.objects.get().digest).status_code == 404


def test_a_new_address_ends_the_old_one_and_a_revoked_one_is_over(show):
    first = issue_token(show.channel)
    second = issue_token(show.channel)
    assert (page(first).status_code, page(second).status_code) == (404, 200)
    revoke_token(show.channel)
    revoke_token(show.channel)
    assert page(second).status_code == 404


def test_tokens_are_long_and_kept_as_digests_only(show):
    token = issue_token(show.channel)
    assert len(token) == 43  # 256 bits
    kept = Overlay.objects.values().get()
    assert token not in str(kept)


def test_it_gives_nothing_else_away(show, settings):
    token = issue_token(show.channel)
    response = page(token)
    html = response.content.decode()
    assert not response.cookies
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    for secret in (token, "csrf", show.channel.stream_key, show.channel.member.email):
        assert secret not in html
    assert "/studio/" not in html


def test_without_an_open_show_it_is_empty_and_waits(show):
    token = issue_token(show.channel)
    Broadcast.objects.filter(pk=show.pk).update(status="ended")
    response = page(token)
    assert response.headers["Overlay-Show"] == ""
    body = re.search(r"<body[^>]*>(.*)</body>", response.content.decode(), re.DOTALL)
    assert body
    assert body[1].strip() == ""


def test_the_seller_sets_it_up(client, show):
    client.force_login(show.channel.member)
    studio = reverse("chat:overlay_studio")
    assert "아직 주소가 없어요" in client.get(studio).content.decode()
    shown = client.post(reverse("chat:overlay_issue")).content.decode()
    address = re.search(r'id="overlay-address">([^<]+)<', shown)
    assert address
    token = address[1].rstrip("/").rpartition("/")[2]
    assert page(token).status_code == 200
    assert token not in client.get(studio).content.decode()
    client.post(reverse("chat:overlay_look"), {"theme": "light", "size": "large"})
    html = page(token).content.decode()
    assert 'data-look="light" data-size="large"' in html
    assert client.post(reverse("chat:overlay_look"), {"theme": "x", "size": "large"}).status_code == 422
    client.post(reverse("chat:overlay_revoke"))
    assert page(token).status_code == 404
    assert "아직 주소가 없어요" in client.get(studio).content.decode()


def test_it_takes_as_many_queries_with_one_product_as_with_five(show, django_assert_max_num_queries):
    from tests.makers import make_product

    token = issue_token(show.channel)
    page(token)
    for position in range(5):
        show.lineup.create(product=make_product(show.channel.member), position=position)
    with django_assert_max_num_queries(7):
        page(token)
