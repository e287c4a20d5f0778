"""What a hostile page or program may try: refused by name, and the room goes on."""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.socket_ticket import COOKIE, Ticket, sign_ticket
from benchmarks.parts.room_viewers import Task
from broadcasts.models import Broadcast
from chat.models import Message
from chat.tests.browser import Browser
from chat.tests.servers import serving
from tests.makers import make_member

LARGEST_FRAME = 65_536  # --ws-max-size


@pytest.fixture
def bystander(visit, broadcast):
    """Somebody in the room; whatever was tried, they still hear everything."""
    tab = visit().open(broadcast.code)
    yield tab
    writer = visit(make_member()).open(broadcast.code)
    tab.next("chat.message", key=writer.say("아무 일도 없었어요"))


def test_a_frame_beyond_the_servers_limit_is_not_even_read(visit, broadcast, bystander, member):
    tab = visit(member).open(broadcast.code)
    tab.send("x" * (LARGEST_FRAME + 1))
    assert tab.close_code() == 1009


def test_a_frame_in_endless_pieces_is_not_collected(visit, broadcast, bystander, member):
    tab = visit(member).open(broadcast.code)
    with suppress(ConnectionClosed):
        tab.socket.send("가" * 1000 for _ in range(200))
    assert tab.close_code() == 1009


def test_an_author_of_ones_own_choice_is_passed_over(visit, broadcast, bystander, member, seller):
    tab = visit(member).open(broadcast.code)
    key = str(uuid4())
    forged = {"name": seller.nickname, "badge": "seller", "code": seller.code}
    tab.send(
        {"type": "say", "key": key, "text": "판매자예요", "author": forged, "author_id": seller.pk, "seq": 99}
    )
    message = tab.next("chat.message", key=key)
    assert (message["author"]["name"], message["author"]["badge"], message["seq"]) == (member.nickname, "", 1)


def test_nobody_writes_into_a_room_they_are_not_in(visit, broadcast, bystander, member):
    other = Broadcast.objects.create(channel=broadcast.channel, title="다른 방송")
    tab = visit(member).open(other.code)
    key = str(uuid4())
    tab.send(
        {"type": "say", "key": key, "text": "엉뚱한 방", "room": broadcast.code, "broadcast": broadcast.pk}
    )
    tab.next("chat.message", key=key)
    assert Message.objects.get().room_id == other.pk


def test_events_of_the_servers_are_not_taken_from_browsers(visit, broadcast, bystander, member):
    tab = visit(member).open(broadcast.code)
    for kind in ("broadcast.changed", "stock.changed", "chat.hidden", "room.resync", "coupon.dropped"):
        tab.send({"type": kind, "version": 999, "product": "p", "left": 0, "seqs": [1]})
    assert [event for event in bystander.settle() if event["type"] != "viewers.changed"] == []


def test_a_session_that_ran_out_no_longer_writes(visit, broadcast, bystander, member):
    tab = visit(member).open(broadcast.code)
    Session.objects.update(expire_date=timezone.now())
    tab.say("아직 있어요")
    assert tab.next("chat.refused")["code"] == "sign_in"


def test_a_ticket_of_ones_own_making_names_nobody(visit, broadcast, bystander, member, seller):
    thief = visit(member)
    forged = sign_ticket(Ticket(seller.pk, seller.code, seller.nickname), "another session")
    thief.cookies[COOKIE] = forged
    assert thief.open(broadcast.code).state["you"]["name"] == member.nickname
    thief.cookies[COOKIE] = forged[:-3] + "abc"
    assert thief.open(broadcast.code).state["you"]["name"] == member.nickname


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_pages_of_other_sites_are_refused(visit, broadcast, bystander, member, origin):
    with pytest.raises(InvalidStatus) as refused:
        visit(member).open(broadcast.code, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_thousand_sockets_from_one_address_are_too_many(broadcast, member):
    with serving(ROOM_MAX_CONNECTIONS_PER_ADDRESS="500") as server:
        task = Task(
            ports=[server.port],
            path=f"/ws/rooms/{broadcast.code}/",
            pids=[server.process.pid],
            viewers=1000,
            rate=0,
            seconds=0,
            speech="text",
            first='{"type":"sync","after":null}',
        )
        command = [sys.executable, "-m", "benchmarks.parts.room_viewers", json.dumps(asdict(task))]
        outcome = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
        assert (outcome["joined"], outcome["failed"]) == (500, 500)
        assert outcome["problems"] == ["500 × closed 4029"]
        tab = Browser(server, member).open(broadcast.code)
        tab.next("chat.message", key=tab.say("여기는 괜찮아요"))
        assert not server.errors()
