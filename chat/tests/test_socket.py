"""The room's socket as a browser meets it, on a real server."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import logout
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from broadcasts.events import StockChanged
from broadcasts.models import Broadcast
from chat.models import Message
from common.events import send_on_commit


def test_a_guest_reads_and_is_told_to_sign_in(visit, broadcast, member):
    guest = visit().open(broadcast.code)
    assert guest.state["you"] == {
        "name": None,
        "can_chat": False,
        "is_seller": False,
        "code": "",
        "keeps_order": False,
        "restriction": None,
    }

    visit(member).open(broadcast.code).say("안녕하세요")
    assert guest.next("chat.message")["text"] == "안녕하세요"

    key = guest.say("저도요")
    refused = guest.next("chat.refused")
    assert (refused["key"], refused["code"]) == (key, "sign_in")
    assert refused["message"] == "로그인하면 채팅할 수 있어요."
    assert Message.objects.count() == 1


def test_a_member_is_known_by_nickname_only(visit, broadcast, member):
    tab = visit(member).open(broadcast.code)
    assert tab.state["you"] == {
        "name": "보는사람",
        "can_chat": True,
        "is_seller": False,
        "code": member.code,
        "keeps_order": False,
        "restriction": None,
    }
    key = tab.say("  안녕하세요  ")
    message = tab.next("chat.message")
    assert message["at"].endswith("+00:00")
    assert message == {
        "type": "chat.message",
        "seq": 1,
        "key": key,
        "author": {"name": "보는사람", "code": member.code, "badge": "", "bought": False},
        "text": "안녕하세요",
        "at": message["at"],
        "reply": None,
        "mentions": [],
        "hidden": False,
    }


def test_the_seller_wears_a_badge_in_the_own_room_only(visit, broadcast, seller, member):
    tab = visit(seller).open(broadcast.code)
    assert tab.state["you"]["is_seller"]
    tab.say("어서 오세요")
    assert tab.next("chat.message")["author"]["badge"] == "seller"

    Broadcast.objects.filter(pk=broadcast.pk).update(channel=member.channel)
    assert not tab.sync()["you"]["is_seller"]


def test_a_message_reaches_everybody_and_its_writer(visit, broadcast, member):
    tabs = [visit().open(broadcast.code) for _ in range(3)]
    writer = visit(member).open(broadcast.code)
    key = writer.say("모두에게")
    assert all(tab.next("chat.message")["key"] == key for tab in [*tabs, writer])


def test_rooms_do_not_mix(visit, broadcast, member, seller):
    other = visit().open(Broadcast.objects.create(channel=seller.channel, title="다른 방송").code)
    writer = visit(member).open(broadcast.code)
    writer.next("chat.message", key=writer.say("여기만"))
    assert not [event for event in other.settle() if event["type"] == "chat.message"]


def test_markup_stays_text(visit, broadcast, member):
    text = "<script>alert(1)</script> \"'&"
    tab = visit(member).open(broadcast.code)
    tab.say(text)
    assert tab.next("chat.message")["text"] == text
    assert visit().open(broadcast.code).state["history"][0]["text"] == text


def test_a_repeated_send_is_the_same_message(visit, broadcast, member):
    browser = visit(member)
    first = browser.open(broadcast.code)
    key = first.say("한 번만")
    assert first.next("chat.message", key=key)["seq"] == 1
    again = browser.open(broadcast.code)
    again.say("한 번만", key)
    assert again.next("chat.message", key=key)["seq"] == 1
    assert Message.objects.count() == 1


def test_a_deactivated_member_no_longer_writes(visit, broadcast, member):
    tab = visit(member).open(broadcast.code)
    User.objects.filter(pk=member.pk).update(is_active=False)
    tab.say("아직 있어요")
    assert tab.next("chat.refused")["code"] == "sign_in"
    assert not Message.objects.exists()


def test_a_member_who_signed_out_elsewhere_no_longer_writes(visit, broadcast, member):
    browser = visit(member)
    tab = browser.open(broadcast.code)
    logout(request_with_session(browser))
    tab.say("아직 있어요")
    assert tab.next("chat.refused")["code"] == "sign_in"


def request_with_session(browser):
    request = browser.django.request().wsgi_request
    request.session = browser.django.session
    return request


def test_a_new_password_ends_old_sockets_right_to_write(visit, broadcast, member):
    tab = visit(member).open(broadcast.code)
    member.set_password("another good password")
    member.save()
    tab.say("아직 있어요")
    assert tab.next("chat.refused")["code"] == "sign_in"


def test_after_the_farewell_the_chat_is_closed(visit, broadcast, member):
    Broadcast.objects.filter(pk=broadcast.pk).update(
        status="ended", ended_at=timezone.now() - timedelta(minutes=11)
    )
    tab = visit(member).open(broadcast.code)
    assert not tab.state["you"]["can_chat"]
    tab.say("늦었어요")
    assert tab.next("chat.refused")["code"] == "closed"


@pytest.mark.parametrize(("text", "code"), [("가" * 201, "length"), (" \u200d\n ", "empty")])
def test_text_that_is_no_message_is_refused_with_words(visit, broadcast, member, text, code):
    tab = visit(member).open(broadcast.code)
    key = tab.say(text)
    refused = tab.next("chat.refused")
    assert (refused["key"], refused["code"], refused["retry_ms"]) == (key, code, 0)
    assert refused["message"]


def test_too_many_messages_are_refused_for_a_while_over_all_tabs(visit, broadcast, member, settings):
    browser = visit(member)
    tabs = [browser.open(broadcast.code), browser.open(broadcast.code)]
    for number in range(settings.CHAT_RATE_PER_10_SECONDS):
        tab = tabs[number % 2]
        tab.next("chat.message", key=tab.say(f"{number}번"))
    key = tabs[0].say("하나 더")
    refused = tabs[0].next("chat.refused")
    assert (refused["key"], refused["code"]) == (key, "rate")
    assert 0 < refused["retry_ms"] <= 10_000
    assert Message.objects.count() == settings.CHAT_RATE_PER_10_SECONDS


def test_what_was_missed_comes_in_order_after_a_gap(visit, broadcast, member):
    writer = visit(member).open(broadcast.code)
    for text in ("하나", "둘", "셋"):
        writer.next("chat.message", key=writer.say(text))
    back = visit().open(broadcast.code, sync=False)
    assert [message["text"] for message in back.sync(after=1)["history"]] == ["둘", "셋"]
    assert back.state["last_seq"] == 3
    assert back.sync(after=3)["history"] == []


def test_nothing_comes_before_the_state(visit, broadcast):
    tab = visit().open(broadcast.code, sync=False)
    other = visit().open(broadcast.code)
    send_on_commit(broadcast.room, StockChanged(version=1, product="p", left=3))
    other.next("stock.changed")
    tab.sync()
    send_on_commit(broadcast.room, StockChanged(version=2, product="p", left=2))
    tab.next("stock.changed", version=2)
    assert tab.frames[0][0]["type"] == "room.state"


def test_news_of_stock_and_show_pass_through(visit, broadcast):
    tab = visit().open(broadcast.code)
    product = broadcast.lineup.get().product
    assert tab.state["products"] == [{"code": product.code, "left": 10, "version": 0, "live_price": None}]
    send_on_commit(broadcast.room, StockChanged(version=7, product=product.code, left=3))
    assert tab.next("stock.changed") == {
        "type": "stock.changed",
        "version": 7,
        "product": product.code,
        "left": 3,
    }


def test_ping_is_answered(visit, broadcast):
    tab = visit().open(broadcast.code)
    tab.send({"type": "ping"})
    assert tab.next("pong") == {"type": "pong"}


def test_a_type_of_a_newer_page_is_passed_over(visit, broadcast):
    tab = visit().open(broadcast.code)
    tab.send({"type": "applaud", "hands": 2})
    assert tab.settle() is not None


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 1007),
        ("[" * 4000, 1007),
        ("[1, 2]", 1007),
        ({"type": "sync", "after": "x"}, 1007),
        ({"type": "sync", "after": -1}, 1007),
        ({"type": "say", "key": "not-a-uuid", "text": "가"}, 1007),
        ({"type": "say", "key": str(uuid4()), "text": None}, 1007),
        ({"type": "say", "key": str(uuid4()), "text": "가" * 5000}, 1009),
        (b"\x00\x01", 1003),
    ],
)
def test_frames_that_no_page_sends_end_the_connection(visit, broadcast, member, frame, code):
    tab = visit(member).open(broadcast.code)
    tab.send(frame)
    assert tab.close_code() == code
    assert not Message.objects.exists()


def test_a_flood_of_frames_ends_the_connection(visit, broadcast):
    tab = visit().open(broadcast.code)
    with suppress(ConnectionClosed):
        for _ in range(200):
            tab.send({"type": "ping"})
    assert tab.close_code() == 4029


def test_a_viewer_has_only_so_many_sockets(visit, broadcast, settings):
    browser = visit()
    for _ in range(settings.ROOM_MAX_CONNECTIONS_PER_VIEWER):
        browser.open(broadcast.code)
    assert browser.open(broadcast.code, sync=False).close_code() == 4029
    assert visit().open(broadcast.code).state["viewers"]


@pytest.mark.parametrize("code", ["nosuchroom12", "x"])
def test_there_is_no_such_room(visit, broadcast, code):
    assert visit().open(code, sync=False).close_code() == 4004


def test_a_show_called_off_has_no_room(visit, broadcast):
    tab = visit().open(broadcast.code)
    Broadcast.objects.filter(pk=broadcast.pk).update(status="cancelled")
    assert visit().open(broadcast.code, sync=False).close_code() == 4004
    tab.send({"type": "sync", "after": None})
    assert tab.close_code() == 4004


def test_another_site_may_not_connect(visit, broadcast, member):
    with pytest.raises(InvalidStatus) as refused:
        visit(member).open(broadcast.code, origin="https://evil.example")
    assert refused.value.response.status_code == 403
