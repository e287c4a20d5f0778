"""Looking back: older messages, the replay's, and the chat as a file."""

import csv
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast, Moderator, Recording, StreamSession
from chat.models import Message, Room
from chat.pages import PAGE
from common.csv_files import EXCEL_MARK
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def show():
    return make_broadcast(make_member(nickname="하늘상점"), status="live")


@pytest.fixture
def writer():
    return make_member(nickname="구름")


def fill(show, author, moments):
    """Keep a message for each moment; its text is its number."""
    room, _ = Room.objects.get_or_create(broadcast=show)
    rows = Message.objects.bulk_create(
        Message(room=room, seq=seq, author=author, text=str(seq), key=uuid4())
        for seq, _ in enumerate(moments, start=room.last_seq + 1)
    )
    for row, moment in zip(rows, moments, strict=True):
        row.created_at = moment
    Message.objects.bulk_update(rows, ["created_at"])
    room.last_seq += len(rows)
    room.save()


def record(show, began, seconds, *, lead_seconds=0, streams):
    """Let streams [(begin, end) in seconds after BEGAN] make a recording of the show."""
    names = [f"st-{began}-{number}" for number in range(len(streams))]
    for name, (first, last) in zip(names, streams, strict=True):
        StreamSession.objects.create(
            channel=show.channel,
            stream_id=name,
            started_at=BEGAN + first * SECOND,
            ended_at=BEGAN + last * SECOND,
        )
    Recording.objects.create(
        channel=show.channel,
        broadcast=show,
        session_id=f"rec-{began}",
        status=Recording.Status.READY,
        started_at=BEGAN + began * SECOND,
        duration_ms=1000 * seconds,
        starts_at_ms=1000 * lead_seconds,
        stream_ids=names,
        storage_key="k",
    )


@pytest.fixture
def replayed(show, writer):
    """A show from 10 s to 400 s: part 1 in two streams with a pause of 20 s, part 2; it said something every 10 s."""
    Broadcast.objects.filter(pk=show.pk).update(
        status="ended", started_at=BEGAN + 10 * SECOND, ended_at=BEGAN + 400 * SECOND
    )
    record(show, 0, 180, lead_seconds=10, streams=[(0, 100), (120, 200)])
    record(show, 300, 100, streams=[(300, 400)])
    fill(show, writer, [BEGAN + second * SECOND for second in range(0, 430, 10)])
    return show


def ask(show, client=None, **wanted):
    return (client or Client()).get(reverse("chat:messages", args=[show.code]), wanted)


def heard(show, **wanted):
    """Return ({seconds after BEGAN: ms in the replay}, whether there are more)."""
    told = ask(show, **wanted).json()
    return {10 * (message["seq"] - 1): message.get("ms") for message in told["messages"]}, told["more"]


def test_older_messages_come_page_by_page(show, writer):
    fill(show, writer, [timezone.now()] * (PAGE + 30))
    page = ask(show, before=PAGE + 21).json()
    assert [message["seq"] for message in page["messages"]] == list(range(21, PAGE + 21))
    assert page["more"]
    page = ask(show, before=21).json()
    assert [message["text"] for message in page["messages"]] == [str(seq) for seq in range(1, 21)]
    assert not page["more"]
    assert page["messages"][0]["author"]["name"] == "구름"


def test_hidden_ones_keep_their_place_and_nothing_else(show, writer):
    fill(show, writer, [timezone.now()] * 3)
    Message.objects.filter(seq=2).update(hidden_at=timezone.now())
    told = ask(show, before=4).json()["messages"]
    assert [(message["seq"], message["hidden"], message["text"]) for message in told] == [
        (1, False, "1"),
        (2, True, ""),
        (3, False, "3"),
    ]
    assert told[1]["author"]["name"] == ""


def test_a_stretch_of_the_replay(replayed):
    assert heard(replayed, part=1, from_ms=0, to_ms=30_000) == ({10: 0, 20: 10_000, 30: 20_000}, False)
    assert heard(replayed, part=2, from_ms=10_000, to_ms=30_000) == ({310: 10_000, 320: 20_000}, False)


def test_what_was_said_without_a_picture_stands_where_the_picture_stopped(replayed):
    around_the_pause, _ = heard(replayed, part=1, from_ms=80_000, to_ms=100_000)
    assert around_the_pause == {90: 80_000, 100: 90_000, 110: 90_000, 120: 90_000}
    end_of_part_one, _ = heard(replayed, part=1, from_ms=160_000, to_ms=170_000)
    assert end_of_part_one == {190: 160_000} | dict.fromkeys(range(200, 300, 10), 170_000)


def test_the_farewell_stands_at_the_end(replayed):
    told, more = heard(replayed, part=2, from_ms=90_000, to_ms=100_000)
    assert (told, more) == ({390: 90_000} | dict.fromkeys(range(400, 430, 10), 100_000), False)


def test_stretches_side_by_side_tell_everything_once(replayed):
    told = []
    for part, seconds in ((1, 170), (2, 100)):
        for begin in range(0, seconds, 7):
            wanted = {"from_ms": 1000 * begin, "to_ms": 1000 * min(begin + 7, seconds)}
            told += heard(replayed, part=part, **wanted)[0]
    assert told == list(range(10, 430, 10))


def test_a_busy_stretch_comes_in_pages(replayed, writer):
    fill(replayed, writer, [BEGAN + 15 * SECOND] * PAGE)
    stretch = {"part": 1, "from_ms": 0, "to_ms": 15_000}
    first = ask(replayed, **stretch).json()
    last = first["messages"][-1]["seq"]
    rest = ask(replayed, after=last, **stretch).json()
    assert (len(first["messages"]), first["more"], len(rest["messages"]), rest["more"]) == (
        PAGE,
        True,
        2,
        False,
    )


def test_who_jumps_gets_what_was_said_last(replayed):
    told, more = heard(replayed, part=2, until_ms=25_000)
    assert (list(told)[-2:], told[320], more) == ([310, 320], 20_000, False)
    assert list(heard(replayed, part=2, until_ms=100_000)[0])[-1] == 420
    assert list(heard(replayed, part=1, until_ms=170_000)[0])[-1] == 290


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"before": 0},
        {"before": "x"},
        {"part": 1},
        {"part": 1, "until_ms": -1},
        {"part": 0, "until_ms": 1},
        {"part": 1, "from_ms": 5, "to_ms": 5},
        {"until_ms": 5},
        {"before": 2**31},
    ],
)
def test_what_no_page_of_ours_asks_is_refused(replayed, wanted):
    assert ask(replayed, **wanted).status_code == 400


def test_without_that_part_of_a_replay_there_is_nothing(replayed, show):
    assert ask(replayed, part=3, until_ms=0).status_code == 404
    Recording.objects.all().delete()
    assert ask(replayed, part=1, until_ms=0).status_code == 404
    Broadcast.objects.filter(pk=show.pk).update(status="cancelled")
    assert ask(show, before=5).status_code == 404


def test_a_page_takes_few_queries(replayed, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        ask(replayed, part=1, from_ms=0, to_ms=170_000)


def lines_of(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(EXCEL_MARK)
    return list(csv.reader(text.removeprefix(EXCEL_MARK).splitlines()))


def test_the_seller_takes_the_whole_chat_as_a_file(client, replayed, writer):
    first = Message.objects.get(seq=1)
    Message.objects.filter(seq=2).update(text="=HYPERLINK(1)", bought=True, reply_to=first)
    Message.objects.filter(seq=3).update(hidden_at=timezone.now(), text="가린 말")
    Moderator.objects.create(channel=replayed.channel, member=writer)
    client.force_login(replayed.channel.member)
    response = client.get(reverse("chat:chat_csv", args=[replayed.code]))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert replayed.code in response["Content-Disposition"]
    head, *lines = lines_of(response)
    assert len(lines) == 43
    assert len(head) == len(lines[0])
    assert lines[1] == [
        *("2", "2026-11-21 11:00:10", "0:00:00", "구름", "매니저", "구매", "'=HYPERLINK(1)", "1", "")
    ]
    assert lines[2][6:] == ["가린 말", "", "가림"]
    assert lines[31][2] == "2부 0:00:10"


def test_a_show_without_chat_has_an_empty_file(client, show):
    client.force_login(show.channel.member)
    assert len(lines_of(client.get(reverse("chat:chat_csv", args=[show.code])))) == 1


def test_the_file_is_the_sellers_alone(client, show, writer):
    Moderator.objects.create(channel=show.channel, member=writer)
    address = reverse("chat:chat_csv", args=[show.code])
    assert client.get(address).status_code == 302
    client.force_login(writer)
    assert client.get(address).status_code == 403
