"""Messages said at once are written together."""

import asyncio
import json
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from chat import writer
from chat.actions import Saying, say, say_all
from chat.models import Message, Room
from chat.refusals import EmptyText, SignInFirst
from chat.sessions import signed_in_members
from chat.writer import Incoming
from common.events import decode, room_channel
from common.redis_client import redis_client
from tests.concurrency import at_once, make_buyers
from tests.makers import make_broadcast, make_member

at_real_commits = pytest.mark.django_db(transaction=True)


def session_of(member):
    client = Client()
    client.force_login(member)
    return client.session.session_key


def incoming(session_key, text="안녕", **fields):
    return Incoming(session_key=session_key, key=fields.pop("key", None) or uuid4(), text=text, **fields)


@pytest.fixture
def heard(broadcast):
    """Return the messages that Redis carried to the room, each as the events in it."""
    with redis_client().pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(room_channel(broadcast.room))
        listener.get_message(timeout=1)

        def read():
            messages = []
            while message := listener.get_message(timeout=0.2):
                messages.append([json.loads(event) for event in decode(message["data"])])
            return messages

        yield read


async def test_two_hundred_at_once_are_few_transactions(broadcast, heard, monkeypatch):
    sessions = await in_thread(lambda: [session_of(member) for member in make_buyers(200)])
    written = []
    monkeypatch.setattr(writer, "_post_in_thread", counting(writer._post_in_thread, written))
    answers = await asyncio.gather(
        *(
            writer.say(broadcast.code, incoming(session, f"{number}번 손님"))
            for number, session in enumerate(sessions)
        )
    )
    assert [answer.seq for answer in answers] == list(range(1, 201))
    assert [answer.text for answer in answers] == [f"{number}번 손님" for number in range(200)]
    assert len(written) <= 2
    messages = await in_thread(heard)
    assert len(messages) == len(written)
    assert [event["seq"] for events in messages for event in events] == list(range(1, 201))


async def test_what_is_said_while_one_is_written_goes_together(broadcast, member, monkeypatch):
    session = await in_thread(lambda: session_of(member))
    written = []
    monkeypatch.setattr(writer, "_post_in_thread", counting(writer._post_in_thread, written))
    first = asyncio.create_task(writer.say(broadcast.code, incoming(session, "첫째")))
    while not written:
        await asyncio.sleep(0)
    others = [asyncio.create_task(writer.say(broadcast.code, incoming(session, text))) for text in "가나다"]
    assert [(await task).seq for task in (first, *others)] == [1, 2, 3, 4]
    assert written == [1, 3]


async def test_what_one_cannot_say_the_others_can(broadcast, seller, member, monkeypatch):
    hers, his = await in_thread(lambda: (session_of(seller), session_of(member)))
    good, empty, stranger, also_good = await asyncio.gather(
        writer.say(broadcast.code, incoming(hers, "하나")),
        writer.say(broadcast.code, incoming(his, "  ")),
        writer.say(broadcast.code, incoming("nosuchsession", "몰래")),
        writer.say(broadcast.code, incoming(his, "둘")),
        return_exceptions=True,
    )
    assert (good.seq, also_good.seq) == (1, 2)
    assert (type(empty), type(stranger)) == (EmptyText, SignInFirst)


async def test_a_database_that_is_away_is_told_to_everybody_and_forgotten(broadcast, member, monkeypatch):
    session = await in_thread(lambda: session_of(member))

    async def away(room, messages):
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_post_in_thread", away)
        answers = await asyncio.gather(
            *(writer.say(broadcast.code, incoming(session)) for _ in range(3)), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [OperationalError] * 3
    assert (await writer.say(broadcast.code, incoming(session))).seq == 1


async def test_a_writer_who_left_meanwhile_spoils_nothing(broadcast, member):
    session = await in_thread(lambda: session_of(member))
    left = asyncio.create_task(writer.say(broadcast.code, incoming(session, "갈게요")))
    stays = asyncio.create_task(writer.say(broadcast.code, incoming(session, "있을게요")))
    await asyncio.sleep(0)
    left.cancel()
    assert (await stays).seq == 2
    assert await in_thread(lambda: list(Message.objects.values_list("text", flat=True))) == [
        "갈게요",
        "있을게요",
    ]


async def test_a_room_where_nobody_speaks_is_forgotten(broadcast, member):
    session = await in_thread(lambda: session_of(member))
    await writer.say(broadcast.code, incoming(session))
    writers = writer._writers[asyncio.get_running_loop()]
    async with asyncio.timeout(5):
        while writers:
            await asyncio.sleep(0.01)


def in_thread(job):
    from channels.db import database_sync_to_async

    return database_sync_to_async(job, thread_sensitive=False)()


def counting(post, written):
    async def counted(room, messages):
        written.append(len(messages))
        return await post(room, messages)

    return counted


@at_real_commits
def test_if_the_database_refuses_one_the_others_are_kept():
    show = make_broadcast(make_member(), status="live")
    ghost = make_member()
    User.objects.filter(pk=ghost.pk).delete()
    authors = [make_member(), ghost, make_member()]
    first, refused, last = say_all(
        show.code, [Saying(author=author, key=uuid4(), text="네") for author in authors]
    )
    assert (first.seq, last.seq) == (1, 2)
    assert isinstance(refused, Exception)
    assert Room.objects.get(broadcast=show).last_seq == Message.objects.count() == 2


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_messages(django_assert_num_queries):
    show = make_broadcast(make_member(), status="live")
    authors = make_buyers(30)
    say(show.code, authors[0], key=uuid4(), text="시작")

    def sayings(count):
        return [
            Saying(author=author, key=uuid4(), text=f"@{authors[0].nickname} {n} 어때요", reply_to=1)
            for n, author in enumerate(authors[:count])
        ]

    # Two of them begin and end the transaction.
    with django_assert_num_queries(12):
        say_all(show.code, sayings(2))
    with django_assert_num_queries(12):
        say_all(show.code, sayings(30))


@pytest.mark.django_db
def test_the_same_message_twice_in_a_batch_is_one():
    show, author, key = make_broadcast(make_member(), status="live"), make_member(), uuid4()
    twice = [Saying(author=author, key=key, text="한 번") for _ in range(2)]
    other = Saying(author=make_member(), key=key, text="남의 것")
    assert [answer.seq for answer in say_all(show.code, [*twice, other])] == [1, 1, 2]


@pytest.mark.postgres
@at_real_commits
def test_two_processes_write_to_one_room_without_gap_or_double():
    show = make_broadcast(make_member(), status="live")
    authors = make_buyers(40)
    shared = [Saying(author=author, key=uuid4(), text=f"{author.nickname} 왔어요") for author in authors[:20]]

    def batches(own):
        def write():
            told = []
            for place in range(0, 20, 5):
                mine = [
                    Saying(author=author, key=uuid4(), text=f"{place} {author.nickname}")
                    for author in own[place : place + 5]
                ]
                told.append([answer.seq for answer in say_all(show.code, mine)])
                say_all(show.code, shared[place : place + 5])
            return told

        return write

    for own in at_once(batches(authors[:20]), batches(authors[20:])):
        seqs = [seq for batch in own for seq in batch]
        assert seqs == sorted(seqs)
    kept = list(Message.objects.values_list("seq", flat=True))
    assert kept == list(range(1, 61))
    assert Message.objects.filter(key__in=[saying.key for saying in shared]).count() == 20
    assert Room.objects.get(broadcast=show).last_seq == 60


@pytest.mark.django_db
def test_whose_sessions_these_are(django_assert_num_queries):
    here, gone, blocked, renewed = (make_member() for _ in range(4))
    keys = [session_of(member) for member in (here, gone, blocked, renewed)]
    User.objects.filter(pk=blocked.pk).update(is_active=False)
    renewed.set_password("another good password")
    renewed.save()
    client = Client()
    client.cookies["sessionid"] = keys[1]
    client.logout()
    with django_assert_num_queries(2):
        assert signed_in_members({*keys, "nosuchsession"}) == {keys[0]: here}


@pytest.mark.django_db
def test_a_session_outlives_a_change_of_the_secret_key(settings):
    member = make_member()
    key = session_of(member)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 60
    assert signed_in_members([key]) == {key: member}
