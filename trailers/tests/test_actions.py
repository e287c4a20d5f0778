"""What may be done with a trailer, and what it leads to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from broadcasts.actions import cancel_broadcast, end_broadcast
from broadcasts.models import Broadcast, Channel
from common.errors import IllegalMove
from tests.makers import make_asset, make_broadcast, make_member, make_product, make_trailer
from trailers.actions import (
    BadStart,
    NoChannel,
    announced_with,
    cancel_trailer,
    create_trailer,
    edit_trailer,
    start_broadcast_from,
)
from trailers.models import ReminderDelivery, Trailer
from trailers.moves import MOVES
from trailers.reminders import ask_for_reminder, stop_reminder
from trailers.sweeps import cancel_with_their_shows

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def trailer(seller):
    return make_trailer(seller)


def edit(trailer, **changes):
    names = ("title", "product", "starts_at", "video", "thumbnail")
    values = {name: getattr(trailer, name) for name in names} | changes
    edit_trailer(trailer.pk, by=trailer.seller, **values)
    trailer.refresh_from_db()


def told(trailer, occasion):
    owed = ReminderDelivery.objects.filter(reminder__trailer=trailer, occasion=occasion)
    return sorted(owed.values_list("reminder__member__username", "schedule_version"))


def log(trailer):
    return list(trailer.log.values_list("type", flat=True))


def test_it_announces_a_show(seller):
    product, video = make_product(seller), make_asset(seller, status="transcoding")
    at = timezone.now() + timedelta(hours=3)
    trailer = create_trailer(seller, title="저녁 방송", product=product, starts_at=at, video=video)
    trailer.refresh_from_db()
    assert (trailer.title, trailer.product, trailer.starts_at) == ("저녁 방송", product, at)
    assert (trailer.status, trailer.schedule_version, log(trailer)) == ("scheduled", 0, ["trailer.created"])
    assert announced_with(video) == trailer


@pytest.mark.parametrize("away", [timedelta(minutes=-1), timedelta(days=366)])
def test_the_start_lies_within_a_year(seller, trailer, away):
    at = timezone.now() + away
    with pytest.raises(BadStart):
        create_trailer(seller, title="x", product=trailer.product, starts_at=at, video=make_asset(seller))
    with pytest.raises(BadStart):
        edit(trailer, starts_at=at)
    assert Trailer.objects.count() == 1


def test_a_trailer_whose_time_has_come_still_gets_another_title(seller):
    late = make_trailer(seller, starts_at=timezone.now() - timedelta(minutes=10))
    edit(late, title="조금 늦어요")
    assert (late.title, late.schedule_version) == ("조금 늦어요", 0)


def test_another_time_is_told_to_those_who_want_to_know(seller, trailer):
    waiting, stopped, gone = make_member(), make_member(), make_member()
    for member in (waiting, stopped, gone):
        ask_for_reminder(trailer, member=member)
    stop_reminder(trailer, member=stopped)
    gone.is_active = False
    gone.save()
    edit(trailer, title="제목만 바꿔요")
    assert told(trailer, "rescheduled") == []
    edit(trailer, starts_at=trailer.starts_at + timedelta(hours=1))
    assert told(trailer, "rescheduled") == [(waiting.username, 1)]
    edit(trailer, starts_at=trailer.starts_at + timedelta(hours=1))
    assert told(trailer, "rescheduled") == [(waiting.username, 1), (waiting.username, 2)]


def test_cancelling_is_told_once(seller, trailer):
    waiting = make_member()
    ask_for_reminder(trailer, member=waiting)
    cancel_trailer(trailer.pk, by=seller)
    cancel_trailer(trailer.pk, by=seller)
    trailer.refresh_from_db()
    assert (trailer.status, trailer.schedule_version, log(trailer)) == ("cancelled", 1, ["trailer.cancelled"])
    assert told(trailer, "cancelled") == [(waiting.username, 1)]


def test_a_show_is_made_from_it_once(seller, trailer):
    first = start_broadcast_from(trailer.pk, by=seller)
    assert start_broadcast_from(trailer.pk, by=seller) == first
    trailer.refresh_from_db()
    assert (trailer.status, trailer.broadcast) == ("started", first)
    assert (first.title, first.channel, first.status) == (trailer.title, seller.channel, "scheduled")
    assert [item.product for item in first.lineup.all()] == [trailer.product]
    assert Broadcast.objects.count() == 1


def test_a_cancelled_trailer_starts_nothing(seller, trailer):
    cancel_trailer(trailer.pk, by=seller)
    with pytest.raises(IllegalMove):
        start_broadcast_from(trailer.pk, by=seller)
    with pytest.raises(IllegalMove):
        edit(trailer, title="다시")
    assert Broadcast.objects.count() == 0


def test_a_started_trailer_is_changed_and_cancelled_in_its_control_room(seller, trailer):
    start_broadcast_from(trailer.pk, by=seller)
    with pytest.raises(IllegalMove):
        edit(trailer, title="다시")
    with pytest.raises(IllegalMove):
        cancel_trailer(trailer.pk, by=seller)


def test_a_seller_without_a_channel_is_told_so(seller, trailer):
    Channel.objects.filter(member=seller).delete()
    with pytest.raises(NoChannel):
        start_broadcast_from(trailer.pk, by=seller)
    trailer.refresh_from_db()
    assert trailer.status == "scheduled"


def test_a_show_called_off_takes_its_trailer_along(seller, trailer):
    waiting = make_member()
    ask_for_reminder(trailer, member=waiting)
    show = start_broadcast_from(trailer.pk, by=seller)
    assert cancel_with_their_shows() == 0
    cancel_broadcast(show.pk, by=seller)
    assert [cancel_with_their_shows(), cancel_with_their_shows()] == [1, 0]
    trailer.refresh_from_db()
    assert trailer.status == "cancelled"
    assert told(trailer, "cancelled") == [(waiting.username, 1)]


def test_no_status_is_forgotten_in_the_table_of_moves():
    assert set(MOVES) == set(Trailer.Status)


@pytest.mark.parametrize(
    ("video", "status", "is_public"),
    [
        ({"status": "ready"}, "scheduled", True),
        ({"status": "ready"}, "started", True),
        ({"status": "ready"}, "cancelled", False),
        ({"status": "transcoding"}, "scheduled", False),
        ({"status": "transcoding", "playback_url": "/media/videos/a/1.first/master.m3u8"}, "scheduled", True),
        ({"status": "failed"}, "scheduled", False),
    ],
)
def test_the_public_sees_what_plays(seller, video, status, is_public):
    trailer = make_trailer(seller, video=make_asset(seller, **video), status=status)
    assert Trailer.objects.public().filter(pk=trailer.pk).exists() == is_public


@pytest.mark.parametrize(
    ("show", "starts_in_hours", "is_coming"),
    [
        (None, 1, True),
        (None, -1, True),  # its seller is late
        (None, -3, False),
        ("scheduled", 1, True),
        ("scheduled", -3, False),
        ("starting", -3, True),
        ("live", -3, True),
        ("reconnecting", -3, True),
        ("ended", -1, False),
        ("cancelled", 1, False),
    ],
)
def test_lists_show_what_is_still_to_come_or_on_air(seller, show, starts_in_hours, is_coming):
    at = timezone.now() + timedelta(hours=starts_in_hours)
    trailer = make_trailer(seller, starts_at=at)
    if show:
        Trailer.objects.filter(pk=trailer.pk).update(
            broadcast=make_broadcast(seller, status=show), status="started"
        )
    assert Trailer.objects.coming(timezone.now()).filter(pk=trailer.pk).exists() == is_coming


def test_the_soonest_stands_first(seller):
    later, sooner = (
        make_trailer(seller, starts_at=timezone.now() + timedelta(hours=hours)) for hours in (5, 2)
    )
    assert list(Trailer.objects.public()) == [sooner, later]


def test_its_state_follows_its_show(seller, trailer):
    show = start_broadcast_from(trailer.pk, by=seller)
    Broadcast.objects.filter(pk=show.pk).update(status="live")
    trailer.refresh_from_db()
    assert (trailer.is_on_air, trailer.is_over) == (True, False)
    end_broadcast(show.pk, by=seller)
    trailer = Trailer.objects.get(pk=trailer.pk)
    assert (trailer.is_on_air, trailer.is_over) == (False, True)


def test_the_thumbnail_stands_for_it_before_the_video(seller, trailer):
    assert trailer.picture_url == trailer.video.poster_url
    trailer.thumbnail = make_asset(seller, purpose="thumbnail")
    assert trailer.picture_url == trailer.thumbnail.poster_url
