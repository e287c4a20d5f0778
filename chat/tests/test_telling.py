"""Answers, names, badges: what is told of a message beside its text."""

from uuid import uuid4

import pytest
from django.utils import timezone

from broadcasts.models import Moderator
from chat import pages
from chat.actions import say
from chat.history import read_room
from chat.mentions import AMONG, MOST, spoken_to
from chat.models import Message
from chat.moderation.hiding import hide_message, show_message
from chat.telling import QUOTED, tell
from orders.tests.shop import open_shop
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    return make_broadcast(make_member(nickname="하늘상점"), status="live")


def post(show, author, text, **fields):
    return say(show.code, author, key=uuid4(), text=text, **fields)


def test_an_answer_shows_the_beginning_of_what_it_answers(show):
    asked = post(show, make_member(nickname="구름"), "가" * 100)
    answer = post(show, show.channel.member, "네", reply_to=asked.seq)
    assert (answer.reply.seq, answer.reply.name, answer.reply.text) == (1, "구름", "가" * QUOTED)
    assert read_room(show.code, None).state.history[1] == answer


def test_an_answer_to_what_was_never_said_here_or_is_hidden_is_a_message_like_any(show):
    other = make_broadcast(make_member(), status="live")
    for number in range(2):
        post(other, make_member(), f"다른 방 {number}")
    post(show, make_member(), "숨길 말")
    Message.objects.filter(room=show.pk).update(hidden_at=timezone.now())
    assert [post(show, make_member(), f"답 {seq}", reply_to=seq).reply for seq in (1, 99)] == [None] * 2


def test_of_a_hidden_message_only_its_place_is_told(show):
    member = make_member(nickname="구름")
    hidden = post(show, member, "나쁜 말 @하늘상점")
    post(show, make_member(), "왜요?", reply_to=hidden.seq)
    Message.objects.filter(seq=1).update(hidden_at=timezone.now())
    first, second = read_room(show.code, None).state.history
    assert (first.seq, first.key, first.hidden, first.text, first.mentions) == (1, hidden.key, True, "", [])
    assert (first.author.name, first.author.code) == ("", "")
    assert (second.hidden, second.reply.name, second.reply.text) == (False, "", "")


def test_a_quote_is_hidden_and_shown_again_with_its_message_wherever_it_is_told(show):
    seller = show.channel.member
    asked = post(show, make_member(nickname="구름"), "나쁜 말")
    answer = post(show, make_member(), "왜요?", reply_to=asked.seq)

    def quotes():
        state = read_room(show.code, None).state.history[1].reply
        page = tell(pages.before(show, answer.seq + 1).messages, show.channel)[1].reply
        return {(quote.name, quote.text) for quote in (state, page)}

    hide_message(show, asked.seq, by=seller)
    assert quotes() == {("", "")}
    show_message(show, asked.seq, by=seller)
    assert quotes() == {("구름", "나쁜 말")}


def test_who_comes_back_learns_what_was_hidden_meanwhile(show):
    seller, member = show.channel.member, make_member()
    seqs = [post(show, member, f"{number}번 말").seq for number in range(3)]
    assert read_room(show.code, seqs[-1]).state.hidden == []
    hide_message(show, seqs[1], by=seller)
    assert read_room(show.code, seqs[-1]).state.hidden == [seqs[1]]
    assert read_room(show.code, None).state.hidden == [], "the history says it"
    show_message(show, seqs[1], by=seller)
    assert read_room(show.code, seqs[-1]).state.hidden == []


def test_badges_tell_seller_and_moderators_of_this_channel(show):
    moderator, viewer = make_member(), make_member()
    Moderator.objects.create(channel=show.channel, member=moderator)
    Moderator.objects.create(channel=viewer.channel, member=viewer)
    authors = (show.channel.member, moderator, viewer)
    assert [post(show, author, "안녕하세요").author.badge for author in authors] == [
        "seller",
        "moderator",
        "",
    ]


def test_who_bought_from_this_show_is_known_by_it():
    shop = open_shop()
    elsewhere = make_broadcast(make_member(), status="live")
    assert not post(shop.broadcast, shop.buyer, "살까요?").author.bought
    shop.hold()
    assert not post(shop.broadcast, shop.buyer, "담았어요").author.bought
    shop.sell()
    assert post(shop.broadcast, shop.buyer, "샀어요").author.bought
    assert not post(elsewhere, shop.buyer, "여기선 아직").author.bought
    told = read_room(shop.broadcast.code, None).state.history
    assert [message.author.bought for message in told] == [False, False, True]


def test_people_who_wrote_here_and_the_seller_can_be_spoken_to(show):
    here, absent = make_member(nickname="구름"), make_member(nickname="바다")
    post(show, here, "저 왔어요")
    message = post(show, make_member(), f"@구름님 @하늘상점 @{absent.nickname} 보세요")
    assert message.mentions == ["구름", "하늘상점"]
    assert Message.objects.get(seq=2).mentions == [here.code, show.channel.member.code]


def test_a_member_with_a_new_name_is_told_by_it(show):
    here = make_member(nickname="구름")
    post(show, here, "저 왔어요")
    post(show, make_member(), "@구름 안녕")
    here.nickname = "먹구름"
    here.save()
    assert read_room(show.code, None).state.history[1].mentions == ["먹구름"]


def test_who_has_been_silent_for_long_is_not_looked_for(show):
    silent, chatty = make_member(nickname="옛사람"), make_member()
    post(show, silent, "저 갈게요")
    room = Message.objects.get().room
    Message.objects.bulk_create(
        Message(room=room, seq=seq, author=chatty, text="네", key=uuid4()) for seq in range(2, AMONG + 3)
    )
    room.last_seq = AMONG + 2
    room.save()
    assert post(show, chatty, "@옛사람 어디 갔어요?").mentions == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("안녕", []),
        ("@구름 안녕", ["a"]),
        ("@먹구름과 @구름", ["b", "a"]),
        ("@구름나라에서", ["c"]),
        ("@구름 @구름", ["a"]),
        ("a@구름.kr", ["a"]),
        ("@ 구름", []),
        ("@@구름", ["a"]),
    ],
)
def test_the_longest_name_that_fits_is_meant(text, codes):
    assert spoken_to(text, {"구름": "a", "먹구름": "b", "구름나라": "c"}) == codes


def test_one_message_speaks_to_only_so_many():
    people = {f"손님{number:02}": str(number) for number in range(30)}
    assert len(spoken_to(" ".join(f"@{name}" for name in people), people)) == MOST
