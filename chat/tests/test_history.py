from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from broadcasts.models import Broadcast, Recording
from chat.history import FARTHEST, NEWEST, PAGE, read_room, room_exists
from chat.models import Message, Room
from chat.moderation.rules import rules_of
from tests.makers import make_broadcast, make_member, make_product


@pytest.fixture
def show(db):
    return make_broadcast(make_member(), status=Broadcast.Status.LIVE)


def fill(show, count):
    room, _ = Room.objects.get_or_create(broadcast=show)
    author = make_member()
    Message.objects.bulk_create(
        Message(room=room, seq=seq, author=author, text=str(seq), key=uuid4())
        for seq in range(room.last_seq + 1, room.last_seq + count + 1)
    )
    room.last_seq += count
    room.save()


def seqs(state):
    return [message.seq for message in state.history]


def test_an_empty_room(show):
    state = read_room(show.code, None).state
    assert (state.history, state.last_seq, state.more, state.reset) == ([], 0, False, False)


def test_on_entering_one_gets_the_newest_in_order(show):
    fill(show, 70)
    state = read_room(show.code, None).state
    assert seqs(state) == list(range(71 - NEWEST, 71))
    assert (state.last_seq, state.more, state.reset) == (70, False, False)


def test_on_returning_one_gets_what_followed_page_by_page(show):
    fill(show, PAGE + 30)
    state = read_room(show.code, 10).state
    assert (seqs(state), state.more) == (list(range(11, PAGE + 11)), True)
    state = read_room(show.code, PAGE + 10).state
    assert (seqs(state), state.more, state.last_seq) == (list(range(PAGE + 11, PAGE + 31)), False, PAGE + 30)


def test_a_page_that_is_just_full_is_the_last(show):
    fill(show, PAGE)
    state = read_room(show.code, 0).state
    assert (len(state.history), state.more) == (PAGE, False)


def test_after_a_long_absence_one_begins_anew(show):
    fill(show, FARTHEST + 1)
    state = read_room(show.code, 0).state
    assert (state.reset, state.more) == (True, False)
    assert seqs(state) == list(range(FARTHEST + 2 - NEWEST, FARTHEST + 2))
    assert not read_room(show.code, 1).state.reset


def test_a_browser_that_knows_messages_we_do_not_begins_anew(show):
    fill(show, 3)
    state = read_room(show.code, 50).state
    assert (state.reset, seqs(state), state.last_seq) == (True, [1, 2, 3], 3)


def test_last_seq_counts_messages_that_came_between_the_reads(show):
    fill(show, 3)
    Room.objects.filter(broadcast=show).update(last_seq=2)  # as read before the third was committed
    assert read_room(show.code, None).state.last_seq == 3


def test_the_state_of_show_and_products(show):
    product = make_product(show.channel.member, stock=4)
    item = show.lineup.create(product=product, position=1)
    started_at = timezone.now()
    pinned_at = started_at + timedelta(seconds=5)
    Broadcast.objects.filter(pk=show.pk).update(
        pinned_item=item, pinned_at=pinned_at, version=9, started_at=started_at
    )
    snapshot = read_room(show.code, None)
    broadcast = snapshot.state.broadcast
    assert (broadcast.version, broadcast.status) == (9, "live")
    assert (broadcast.pinned, broadcast.pinned_at) == (product.code, pinned_at.isoformat())
    assert (broadcast.started_at, broadcast.ended_at) == (started_at.isoformat(), None)
    assert (broadcast.replay_ready, snapshot.is_open) == (False, True)
    assert [(row.code, row.left) for row in snapshot.state.products][1:] == [(product.code, 4)]


def test_the_replay_is_ready_once_the_show_ended_and_a_recording_plays(show):
    recording = Recording.objects.create(
        channel=show.channel,
        broadcast=show,
        session_id="s",
        status=Recording.Status.READY,
        started_at=timezone.now(),
        storage_key="k",
    )
    assert not read_room(show.code, None).state.broadcast.replay_ready
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    assert read_room(show.code, None).state.broadcast.replay_ready
    Recording.objects.filter(pk=recording.pk).update(status="recording")
    assert not read_room(show.code, None).state.broadcast.replay_ready


def test_shows_called_off_or_unknown_have_no_room(show):
    assert room_exists(show.code)
    Broadcast.objects.filter(pk=show.pk).update(status="cancelled")
    assert not room_exists(show.code)
    assert read_room(show.code, None) is None
    assert read_room("nosuchroom12", None) is None


def test_it_takes_few_queries_however_much_there_is(show, django_assert_num_queries):
    rules_of(show)
    with django_assert_num_queries(7):
        read_room(show.code, None)
    fill(show, 120)
    for _ in range(3):
        show.lineup.create(product=make_product(show.channel.member))
    with django_assert_num_queries(8):
        read_room(show.code, None)
    with django_assert_num_queries(8):
        read_room(show.code, 5)
