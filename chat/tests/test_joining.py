"""What joining costs and what it promises: no query where a ticket suffices, and a state that misses nothing."""

import asyncio

import pytest
from django.urls import reverse

from accounts.socket_ticket import COOKIE
from broadcasts.models import Broadcast
from chat.room.feed import Feed
from chat.tests.browser import Browser
from chat.tests.servers import serving


def with_ticket(browser, code):
    """Let the browser open the page first, as people do; return its ticket."""
    response = browser.django.get(reverse("broadcasts:watch", args=[code]))
    browser.cookies[COOKIE] = response.cookies[COOKIE].value
    return browser


def test_a_ticket_says_who_comes(visit, broadcast, member):
    tab = with_ticket(visit(member), broadcast.code).open(broadcast.code)
    assert tab.state["you"]["name"] == member.nickname
    tab.next("chat.message", key=tab.say("표로 들어왔어요"))


def test_a_ticket_without_its_session_is_worth_nothing(visit, broadcast, member):
    thief = visit()
    thief.cookies[COOKIE] = with_ticket(visit(member), broadcast.code).cookies[COOKIE]
    assert thief.open(broadcast.code).state["you"]["name"] is None
    other = visit()
    other.cookies = {**thief.cookies, "sessionid": "made-up"}
    assert other.open(broadcast.code).state["you"]["name"] is None


def test_a_ticket_of_who_signed_out_lets_read_but_not_write(visit, broadcast, member):
    browser = with_ticket(visit(member), broadcast.code)
    browser.django.logout()
    tab = browser.open(broadcast.code)
    tab.say("아직 있어요")
    assert tab.next("chat.refused")["code"] == "sign_in"


def test_a_state_that_is_kept_comes_with_what_happened_since(visit, broadcast, member):
    with serving(SHARED_SECONDS="60") as server:
        first, writer, late = Browser(server), Browser(server, member), Browser(server)
        first.open(broadcast.code)
        tab = writer.open(broadcast.code)
        texts = ["하나", "둘", "셋"]
        for text in texts:
            tab.next("chat.message", key=tab.say(text))
        # Renamed behind the room's back: the kept state shows that nobody asked the database again.
        Broadcast.objects.filter(pk=broadcast.pk).update(status="cancelled")
        arrived = late.open(broadcast.code)
        assert arrived.state["broadcast"]["status"] == "live"
        assert [arrived.next("chat.message")["text"] for _ in texts] == texts
        for browser in (first, writer, late):
            browser.close()


async def test_what_came_before_the_state_was_read_is_not_told_again():
    feed = Feed("room")
    now = asyncio.get_running_loop().time()
    feed._remember([(now - 9, "forgotten")])
    feed._remember([(now - 0.2, "early"), (now - 0.1, "at"), (now, "late")])
    assert feed.sent_since(now - 0.1) == ["at", "late"]
    assert feed.sent_since(0) == ["early", "at", "late"]


def test_one_address_has_only_so_many_sockets(broadcast):
    with serving(ROOM_MAX_CONNECTIONS_PER_ADDRESS="3") as server:
        browsers = [Browser(server) for _ in range(4)]
        for browser in browsers[:3]:
            browser.open(broadcast.code)
        assert browsers[3].open(broadcast.code, sync=False).close_code() == 4029
        browsers[0].close()
        assert Browser(server).open(broadcast.code).state["viewers"]
        for browser in browsers:
            browser.close()


def test_a_full_process_says_so_and_the_room_goes_on(broadcast):
    with serving(ROOM_MAX_CONNECTIONS="2") as server:
        inside = Browser(server)
        tabs = [inside.open(broadcast.code), inside.open(broadcast.code)]
        assert Browser(server).open(broadcast.code, sync=False).close_code() == 4013
        assert all(tab.settle() is not None for tab in tabs)
        inside.close()


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """The servers read what these tests write."""
