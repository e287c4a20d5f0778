from datetime import timedelta
from unittest.mock import create_autospec

import pytest
from django.utils import timezone

from broadcasts.actions import end_broadcast
from broadcasts.models import Broadcast, Channel, Recording
from broadcasts.signal import note_stream
from chat.models import Message
from demo import program
from demo.encoder import Encoder
from demo.people import SELLER
from demo.program import Program
from demo.seed import seed
from demo.shows import ON_AIR


class Clock:
    """Stands in for the `time` module of the program."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(program, "time", clock)
    return clock


@pytest.fixture
def encoder() -> Encoder:
    return create_autospec(Encoder, instance=True)


@pytest.fixture
def show(db: None, plain_pictures: None, clock: Clock, encoder: Encoder) -> Program:
    seed()
    return Program(ON_AIR, encoder)


def _channel() -> Channel:
    return Channel.objects.get(member__username=SELLER.username)


def _picture_arrives(stream_id: str = "st-1") -> None:
    note_stream(_channel(), stream_id, started_at=timezone.now())


def _shows() -> list[Broadcast]:
    return list(Broadcast.objects.filter(title=ON_AIR.title).order_by("pk"))


def test_it_starts_the_planned_show_and_the_picture_makes_it_live(show: Program, encoder: Encoder) -> None:
    show.step()
    (broadcast,) = _shows()
    assert broadcast.status == Broadcast.Status.STARTING
    assert encoder.keep_running.called
    assert not show.is_on_air
    _picture_arrives()
    show.step()
    assert show.is_on_air
    assert _shows()[0].status == Broadcast.Status.LIVE


def test_it_pins_one_product_after_the_other_and_people_talk(show: Program, clock: Clock) -> None:
    show.step()
    _picture_arrives()
    pinned = []
    for _ in range(5 * 45 + 1):
        show.step()
        name = _shows()[0].pinned_item.product.name
        if name not in pinned[-1:]:
            pinned.append(name)
        clock.now += 1
    assert pinned == [item.name for item in (*ON_AIR.items, ON_AIR.items[0])]
    said = Message.objects.select_related("author")
    assert said.filter(author__username=SELLER.username).count() == 6
    others = [message.text for message in said.exclude(author__username=SELLER.username)]
    assert 10 <= len(others) <= 20
    assert len(set(others)) == len(others)


def test_after_an_ended_show_there_is_a_break_and_then_the_next(
    show: Program, clock: Clock, encoder: Encoder
) -> None:
    show.step()
    _picture_arrives()
    show.step()
    end_broadcast(_shows()[0].pk)
    encoder.keep_running.reset_mock()
    show.step()
    assert encoder.stop.called, "the recording of a show ends with it"
    assert not encoder.keep_running.called
    assert len(_shows()) == 1
    clock.now += 11
    show.step()
    assert [broadcast.status for broadcast in _shows()] == ["ended", "live"]


def test_it_takes_up_a_show_that_was_just_interrupted(show: Program, encoder: Encoder) -> None:
    show.step()
    _picture_arrives()
    note_stream(_channel(), "st-1", ended_at=timezone.now())
    Program(ON_AIR, encoder).step()
    (broadcast,) = _shows()
    assert broadcast.status == Broadcast.Status.RECONNECTING


def test_it_does_not_take_up_one_that_was_interrupted_long_ago(show: Program, encoder: Encoder) -> None:
    show.step()
    _picture_arrives()
    note_stream(_channel(), "st-1", ended_at=timezone.now())
    Broadcast.objects.update(signal_lost_at=timezone.now() - timedelta(hours=2))
    Program(ON_AIR, encoder).step()
    assert [broadcast.status for broadcast in _shows()] == ["ended", "starting"]


def test_a_show_ends_after_an_hour(show: Program) -> None:
    show.step()
    _picture_arrives()
    Broadcast.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    show.step()
    assert _shows()[0].status == Broadcast.Status.ENDED


def test_old_shows_and_their_recordings_do_not_pile_up(show: Program, clock: Clock) -> None:
    for number in range(4):
        show.step()
        _picture_arrives(f"st-{number}")
        show.step()
        current = _shows()[-1]
        Recording.objects.create(
            channel=_channel(),
            broadcast=current,
            session_id=f"session-{number}",
            status=Recording.Status.READY,
            started_at=timezone.now(),
            storage_key=f"recordings/demo/{number}",
        )
        end_broadcast(current.pk)
        note_stream(_channel(), f"st-{number}", ended_at=timezone.now())
        show.step()
        clock.now += 11
    show.step()
    assert [broadcast.status for broadcast in _shows()] == ["ended", "ended", "starting"]
    assert Recording.objects.count() == 2
