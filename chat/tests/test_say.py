from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from broadcasts.models import Broadcast, Moderator
from chat.actions import say
from chat.limits import SAME_SHORT_BY_ONE
from chat.models import Message, Room
from chat.moderation.room_rules import set_slow_mode
from chat.refusals import ChatClosed, EmptyText, SlowedDown, TooFast
from tests.makers import make_broadcast, make_member

Status = Broadcast.Status


@pytest.fixture
def show(db):
    return make_broadcast(make_member(), status=Status.LIVE)


def test_messages_are_numbered_from_one_in_each_room(show):
    author = make_member()
    other = make_broadcast(make_member(), status=Status.LIVE)
    assert [say(show.code, author, key=uuid4(), text=text).seq for text in "가나다"] == [1, 2, 3]
    assert say(other.code, author, key=uuid4(), text="라").seq == 1
    assert Room.objects.get(broadcast=show).last_seq == 3


def test_the_same_key_is_the_same_message_of_this_author(show):
    author, other, key = make_member(), make_member(), uuid4()
    first = say(show.code, author, key=key, text="처음")
    assert say(show.code, author, key=key, text="나중") == first
    assert say(show.code, other, key=key, text="남의 것").seq == 2


def test_a_repeated_send_is_answered_even_when_nothing_new_may_be_written(show, settings):
    author, key = make_member(), uuid4()
    first = say(show.code, author, key=key, text="처음")
    settings.CHAT_RATE_PER_10_SECONDS = 1
    with pytest.raises(TooFast):
        say(show.code, author, key=uuid4(), text="더")
    assert say(show.code, author, key=key, text="처음") == first
    Broadcast.objects.filter(pk=show.pk).update(status=Status.CANCELLED)
    assert say(show.code, author, key=key, text="처음") == first


def test_slow_mode_and_repeating_oneself_bind_members_not_those_who_keep_order(show):
    moderator, viewer = make_member(), make_member()
    Moderator.objects.create(channel=show.channel, member=moderator)
    set_slow_mode(show, 60, by=show.channel.member)
    for keeper in (show.channel.member, moderator):
        for _ in range(SAME_SHORT_BY_ONE + 1):
            say(show.code, keeper, key=uuid4(), text="모두 이렇게 써 주세요")
    say(show.code, viewer, key=uuid4(), text="모두 이렇게 써 주세요")
    with pytest.raises(SlowedDown):
        say(show.code, viewer, key=uuid4(), text="다른 말")


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.STARTING, Status.LIVE, Status.RECONNECTING])
def test_members_write_before_and_during_the_show(show, status):
    Broadcast.objects.filter(pk=show.pk).update(status=status)
    assert say(show.code, make_member(), key=uuid4(), text="네").seq == 1


def test_the_chat_stays_open_for_a_farewell(show):
    author = make_member()
    ended = {"status": Status.ENDED, "ended_at": timezone.now() - timedelta(minutes=9, seconds=50)}
    Broadcast.objects.filter(pk=show.pk).update(**ended)
    assert say(show.code, author, key=uuid4(), text="잘 봤어요").seq == 1
    Broadcast.objects.filter(pk=show.pk).update(ended_at=timezone.now() - timedelta(minutes=10))
    with pytest.raises(ChatClosed):
        say(show.code, author, key=uuid4(), text="또 봐요")


def test_nobody_writes_to_a_show_called_off_or_unknown(show):
    Broadcast.objects.filter(pk=show.pk).update(status=Status.CANCELLED)
    for code in (show.code, "nosuchroom12"):
        with pytest.raises(ChatClosed):
            say(code, make_member(), key=uuid4(), text="저기요")


def test_refused_text_costs_nothing(show, settings):
    settings.CHAT_RATE_PER_10_SECONDS = 1
    author = make_member()
    for _ in range(3):
        with pytest.raises(EmptyText):
            say(show.code, author, key=uuid4(), text=" ")
    assert say(show.code, author, key=uuid4(), text="이제").seq == 1


def test_it_takes_few_queries(show, django_assert_max_num_queries):
    author = make_member()
    say(show.code, author, key=uuid4(), text="하나")
    with django_assert_max_num_queries(9):  # two of them begin and end the transaction
        say(show.code, author, key=uuid4(), text="둘")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_no_gap_and_no_double():
    show = make_broadcast(make_member(), status=Status.LIVE)
    writers = [make_member() for _ in range(20)]

    def write(author):
        try:
            return [say(show.code, author, key=uuid4(), text=str(number)).seq for number in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(writers)) as pool:
        numbers = list(pool.map(write, writers))

    assert sorted(seq for own in numbers for seq in own) == list(range(1, 101))
    assert all(own == sorted(own) for own in numbers)
    assert Room.objects.get(broadcast=show).last_seq == Message.objects.count() == 100


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_message_over_many_connections_at_once_is_one():
    show = make_broadcast(make_member(), status=Status.LIVE)
    author, key = make_member(), uuid4()

    def write(_):
        try:
            return say(show.code, author, key=key, text="한 번만").seq
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(write, range(10))) == {1}
    assert Room.objects.get(broadcast=show).last_seq == 1
