"""Two server processes, one room: who writes where makes no difference to anybody."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest

from chat.models import Message, Room
from chat.tests.browser import Browser
from chat.tests.servers import serving
from tests.concurrency import make_buyers

ROUNDS = 5
MEMBERS = 16
"""At each server, with messages of their own."""

WITH_TWO_TABS = 8
"""Members whose page sends each message to both servers, as after a connection that was thought lost."""

TOLD = ROUNDS * (2 * MEMBERS + WITH_TWO_TABS)
READERS = 5
"""At each server."""


def readers(server, code):
    """Viewers in a process of their own; it prints what each has seen."""
    address = f"127.0.0.1:{server.port}"
    command = [sys.executable, "-m", "chat.tests.patient_viewer", address, code, str(READERS), str(TOLD)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.postgres
def test_what_is_said_at_two_processes_is_one_row_of_messages(broadcast):
    with serving() as here, serving() as there:
        reading = [readers(server, broadcast.code) for server in (here, there)]
        people = make_buyers(2 * MEMBERS + WITH_TWO_TABS)
        seats = [
            *((person, [here]) for person in people[:MEMBERS]),
            *((person, [there]) for person in people[MEMBERS : 2 * MEMBERS]),
            *((person, [here, there]) for person in people[2 * MEMBERS :]),
        ]
        members = [
            [Browser(server, person).open(broadcast.code) for server in servers] for person, servers in seats
        ]
        numbers = {}
        for round_ in range(ROUNDS):
            keys = [str(uuid4()) for _ in members]
            for place, (key, tabs) in enumerate(zip(keys, members, strict=True)):
                for tab in tabs:
                    tab.say(f"{round_}-{place}", key)
            for key, tabs in zip(keys, members, strict=True):
                [numbers[key]] = {tab.next("chat.message", key=key)["seq"] for tab in tabs}
        seen = [json.loads(process.communicate(timeout=60)[0]) for process in reading]
        assert not here.errors() + there.errors()

    assert sorted(numbers.values()) == list(range(1, TOLD + 1))
    assert seen == [[list(range(1, TOLD + 1))] * READERS] * 2
    kept = {str(key): seq for key, seq in Message.objects.values_list("key", "seq")}
    assert kept == numbers
    assert Room.objects.get().last_seq == TOLD
