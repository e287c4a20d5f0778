"""The pages for everybody: what is shown to whom, and what a browser gets leave to play."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from tests.makers import make_asset, make_broadcast, make_member, make_trailer
from trailers.models import Comment, Trailer
from trailers.reminders import ask_for_reminder

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def trailer(seller):
    return make_trailer(seller, title="포근한 겨울 준비")


def url(name, trailer):
    return reverse(f"trailers:{name}", args=[trailer.code])


def hidden(seller):
    return make_trailer(seller, video=make_asset(seller, status="transcoding"))


@pytest.mark.parametrize("name", ["list", "soon"])
def test_a_list_shows_what_is_public(client, seller, trailer, name):
    secret, gone = hidden(seller), make_trailer(seller, status="cancelled")
    page = client.get(reverse(f"trailers:{name}")).content.decode()
    assert url("detail", trailer) in page
    assert trailer.video.clip_url in page
    assert url("detail", secret) not in page
    assert url("detail", gone) not in page


def test_the_soon_part_leaves_out_what_has_begun_and_is_short(client, seller):
    late = make_trailer(seller, starts_at=timezone.now() - timedelta(minutes=5))
    for hour in range(14):
        make_trailer(seller, starts_at=timezone.now() + timedelta(hours=hour + 1))
    response = client.get(reverse("trailers:soon"))
    assert len(response.context["trailers"]) == 12
    assert late not in response.context["trailers"]


def test_an_empty_list_says_what_to_do(client):
    for name in ("list", "soon"):
        assert reverse("trailers:create") in client.get(reverse(f"trailers:{name}")).content.decode()


@pytest.mark.parametrize("who", ["anonymous", "other member", "owner", "staff"])
@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("name", ["detail", "status", "calendar", "renew", "comments"])
def test_who_sees_what(client, seller, trailer, who, is_public, name):
    one = trailer if is_public else hidden(seller)
    if who != "anonymous":
        client.force_login(seller if who == "owner" else make_member(is_staff=who == "staff"))
    call = client.post if name == "renew" else client.get
    status = call(url(name, one), headers=PARTIAL).status_code
    if not is_public and who != "owner":
        assert status == 404
    else:
        assert status == (410 if name == "renew" and not is_public else 200)


@pytest.mark.parametrize("name", ["detail", "status", "calendar", "renew", "comments"])
def test_an_unknown_trailer_is_not_found(client, name):
    address = reverse(f"trailers:{name}", args=["nosuchcode22"])
    assert (client.post if name == "renew" else client.get)(address).status_code == 404


@pytest.mark.parametrize("name", ["list", "soon"])
def test_a_list_posts_nothing(client, name):
    assert client.post(reverse(f"trailers:{name}")).status_code == 405


def test_the_page_gives_leave_to_play_its_video_and_nothing_else(client, trailer, settings):
    response = client.get(url("detail", trailer))
    assert response.cookies
    assert {cookie["path"] for cookie in response.cookies.values() if cookie["httponly"]} == {
        f"/media/videos/{trailer.video.code}/"
    }
    assert response.context["renew_url"] == url("renew", trailer)
    assert 0 < response.context["renew_after"] < settings.PLAYBACK_COOKIE_SECONDS


def test_leave_is_renewed(client, trailer):
    response = client.post(url("renew", trailer))
    assert response.json()["renew_after"] > 0
    assert response.cookies
    assert client.get(url("renew", trailer)).status_code == 405


def test_a_cancelled_trailer_says_so_and_plays_nothing(client, seller):
    gone = make_trailer(seller, status="cancelled")
    response = client.get(url("detail", gone))
    assert response.status_code == 200
    assert response.context["renew_url"] == ""
    assert gone.video.playback_url not in response.content.decode()
    assert set(response.cookies) <= {"csrftoken"}
    assert client.post(url("renew", gone)).status_code == 410


@pytest.mark.parametrize(
    ("show", "words"),
    [
        (None, "시작"),
        ("scheduled", "방송 화면에서 기다리기"),
        ("live", "지금 방송 중이에요"),
        ("ended", "다시보기"),
        ("cancelled", "취소된 방송이에요"),
    ],
)
def test_the_status_follows_the_show(client, seller, trailer, show, words):
    if show:
        broadcast = make_broadcast(seller, status=show)
        Trailer.objects.filter(pk=trailer.pk).update(broadcast=broadcast, status="started")
    page = client.get(url("status", trailer)).content.decode()
    assert words in page
    assert (
        (reverse("broadcasts:watch", args=[broadcast.code]) in page)
        if show not in (None, "cancelled")
        else True
    )


def queries(client, address, **headers):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["list", "soon"])
def test_a_list_costs_the_same_with_many(client, seller, trailer, name):
    reader = make_member()
    client.force_login(reader)
    address = reverse(f"trailers:{name}")
    client.get(address)
    few = queries(client, address)
    for _ in range(6):
        one = make_trailer(make_member(), thumbnail=make_asset(seller, purpose="thumbnail"))
        ask_for_reminder(one, member=reader)
    Trailer.objects.filter(pk=trailer.pk).update(broadcast=make_broadcast(seller), status="started")
    assert queries(client, address) == few


def test_my_trailers_cost_the_same_with_many(client, seller, trailer):
    client.force_login(seller)
    address = reverse("trailers:studio")
    client.get(address)
    few = queries(client, address)
    for _ in range(6):
        one = make_trailer(seller)
        Trailer.objects.filter(pk=one.pk).update(broadcast=make_broadcast(seller), status="started")
    assert queries(client, address) == few


def test_a_page_costs_the_same_with_many_comments(client, seller, trailer):
    client.force_login(seller)
    client.get(url("detail", trailer))

    def comment():
        Comment.objects.create(trailer=trailer, author=make_member(), text="좋아요", key=uuid4())

    comment()
    few = queries(client, url("detail", trailer))
    for _ in range(8):
        comment()
    assert queries(client, url("detail", trailer)) == few


def test_a_list_knows_what_its_reader_waits_for(client, seller, trailer):
    other, reader = make_trailer(seller), make_member()
    ask_for_reminder(trailer, member=reader)
    client.force_login(reader)
    shown = {one.pk: one.is_reminded for one in client.get(reverse("trailers:list")).context["page"]}
    assert shown == {trailer.pk: True, other.pk: False}


def event_of(response):
    calendar = Calendar.from_ical(response.content)
    return calendar, calendar.walk("VEVENT")[0]


def test_the_calendar_file(client, seller, settings):
    settings.SITE_URL = "https://live.example"
    at = datetime(2027, 3, 8, 11, 0, tzinfo=UTC)
    trailer = make_trailer(seller, title="겨울, 세일; 시작", starts_at=at, schedule_version=3)
    response = client.get(url("calendar", trailer))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar, event = event_of(response)
    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == f"trailer-{trailer.code}@live.example"
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CONFIRMED")
    assert event["SUMMARY"] == "겨울, 세일; 시작"
    assert event.decoded("DTSTART") == at
    assert b"DTSTART:20270308T110000Z" in response.content
    assert event.decoded("DURATION") == timedelta(hours=1)
    assert event["URL"] == f"https://live.example{url('detail', trailer)}"
    assert event.walk("VALARM")[0].decoded("TRIGGER") == timedelta(minutes=-30)


def test_the_calendar_file_of_a_cancelled_trailer_takes_the_entry_back(client, seller):
    trailer = make_trailer(seller, status="cancelled", schedule_version=1)
    calendar, event = event_of(client.get(url("calendar", trailer)))
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert not event.walk("VALARM")


def test_times_are_shown_in_the_readers_zone(client, seller):
    at = datetime.now(UTC).replace(hour=3, minute=0) + timedelta(days=40)
    trailer = make_trailer(seller, starts_at=at)
    assert "오후 12:00" in client.get(url("status", trailer)).content.decode()
    client.cookies["tz"] = "America/New_York"
    abroad = client.get(url("status", trailer)).content.decode()
    assert "America/New_York" in abroad
    assert "오후 12:00" not in abroad
