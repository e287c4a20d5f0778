"""The pages beside the camera: which show they are about, starting and ending it from there."""

import pytest
from django.urls import reverse

from broadcasts.models import Channel
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CAMERA, OBS = "/studio/channel/camera/", "/studio/channel/"


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def seller(client, member):
    client.force_login(member)
    return member


def part_of(show, name="go_live"):
    return reverse(f"broadcasts:{name}", args=[show.code])


@pytest.mark.parametrize("page", [CAMERA, OBS])
def test_both_pages_are_about_the_show_that_is_asked_for(client, seller, page):
    asked, newest = make_broadcast(seller), make_broadcast(seller)
    assert part_of(newest) in client.get(page).content.decode()
    text = client.get(page, {"show": asked.code}).content.decode()
    assert part_of(asked) in text
    assert f"?show={asked.code}" in text, "the other tab is about the same show"


def test_a_show_on_the_air_comes_before_one_that_is_planned(client, seller):
    on_air = make_broadcast(seller, status="live")
    make_broadcast(seller)
    assert part_of(on_air) in client.get(CAMERA).content.decode()


def test_another_members_show_is_not_given_away(client, seller):
    foreign = make_broadcast(make_member())
    assert client.get(CAMERA, {"show": foreign.code}).status_code == 403
    assert client.get(CAMERA, {"show": "nosuchshow12"}).status_code == 404


def test_without_a_show_there_is_a_way_to_one(client, seller):
    text = client.get(CAMERA).content.decode()
    assert reverse("broadcasts:create") in text


def test_a_channel_that_is_not_ready_has_no_camera(client, seller):
    Channel.objects.update(state=Channel.State.PREPARING)
    text = client.get(CAMERA).content.decode()
    assert "data-camera" not in text
    assert "채널을 준비하고 있어요" in text


def test_the_stream_key_is_not_in_the_page(client, seller):
    make_broadcast(seller)
    assert seller.channel.stream_key not in client.get(CAMERA).content.decode()


def test_the_show_is_started_and_ended_beside_the_camera(client, seller):
    show = make_broadcast(seller)
    before = client.get(part_of(show), headers=HTMX).content.decode()
    assert "들어오는 영상이 없어요" in before
    assert "방송 시작" in before

    Channel.objects.update(signal="receiving")
    started = client.post(part_of(show), headers=HTMX).content.decode()
    show.refresh_from_db()
    assert show.status == "live"
    assert "방송 종료" in started

    ended = client.post(part_of(show, "go_live_end"), headers=HTMX).content.decode()
    show.refresh_from_db()
    assert show.status == "ended"
    assert 'data-show-status="ended"' in ended
    assert "hx-get" not in ended, "what has ended is not asked for again"


def test_a_second_press_says_why_it_does_nothing(client, seller):
    show = make_broadcast(seller, status="ended")
    assert "이미 끝났거나" in client.post(part_of(show), headers=HTMX).content.decode()
    assert (
        "방송 중일 때만"
        in client.post(part_of(make_broadcast(seller), "go_live_end"), headers=HTMX).content.decode()
    )


def test_without_scripts_one_comes_back_to_the_page(client, seller):
    show = make_broadcast(seller)
    response = client.post(part_of(show))
    assert response.headers["Location"] == f"{CAMERA}?show={show.code}"


def test_a_second_show_cannot_start_while_one_is_on(client, seller):
    make_broadcast(seller, status="live")
    waiting = make_broadcast(seller)
    text = client.post(part_of(waiting), headers=HTMX).content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "scheduled"
    assert 'role="alert"' in text


def test_the_list_costs_the_same_for_many_products(client, seller, django_assert_max_num_queries):
    show = make_broadcast(seller, products=[make_product(seller) for _ in range(10)])
    with django_assert_max_num_queries(22):
        client.get(part_of(show, "checks"), headers=HTMX)
