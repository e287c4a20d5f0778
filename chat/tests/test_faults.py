"""What breaks around a room: those it does not concern notice nothing, the others recover with every message."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict

import pytest

from benchmarks.parts.room_viewers import Task
from benchmarks.parts.usage import process_usage
from broadcasts.events import StockChanged
from chat.tests.bad_network import bad_network, can_make_networks
from chat.tests.browser import Browser
from chat.tests.servers import UVICORN, Server, serving, wait_until
from common.events import send_on_commit
from common.presence import count_viewers
from tests.makers import make_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and makes network namespaces"),
]

SOON = 2
"""Seconds within which those who are well have everything, also on a busy machine."""

IMPATIENT = (*UVICORN, "--ws-ping-interval", "3", "--ws-ping-timeout", "6")


@contextmanager
def crowd(server: Server, code: str, count: int):
    """So many viewers in a process of their own."""
    task = Task(
        ports=[server.port],
        path=f"/ws/rooms/{code}/",
        pids=[server.process.pid],
        viewers=count,
        rate=0.01,
        seconds=600,
        speech="text",
        first='{"type":"sync","after":null}',
    )
    command = [sys.executable, "-m", "benchmarks.parts.room_viewers", json.dumps(asdict(task))]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def memory(server: Server) -> float:
    """MiB."""
    return process_usage(server.process.pid).rss_mib


def tell_and_see(broadcast, tab, version: int) -> float:
    """Tell the room something; return the seconds until the tab had it."""
    began = time.monotonic()
    send_on_commit(broadcast.room, StockChanged(version=version, product="x", left=1))
    tab.next("stock.changed", version=version)
    return time.monotonic() - began


def test_a_thousand_who_vanish_without_a_word_are_missed_and_forgotten(broadcast):
    with serving(IMPATIENT, ROOM_MAX_CONNECTIONS_PER_ADDRESS="5000") as server:
        stays = Browser(server).open(broadcast.code)
        sizes = []
        for round_ in range(3):
            with crowd(server, broadcast.code, 1000) as viewers:
                assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == 1001, 60)
                viewers.send_signal(signal.SIGSTOP)  # nothing is closed, nothing answers any more
                times = [tell_and_see(broadcast, stays, 100 * round_ + number) for number in range(20)]
                assert max(times) < SOON
                assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == 1, 60)
            sizes.append(memory(server))
        # The first crowd leaves memory that the next ones use again: it does not grow with what has been.
        assert sizes[-1] < sizes[0] + 6, sizes
        stays.socket.close()
        assert not server.errors(), server.log()


def test_one_of_two_processes_dies_and_its_viewers_go_on_at_the_other(broadcast, member):
    with serving() as lives:
        dies = Server()
        viewers = [Browser(dies) for _ in range(20)]
        tabs = [viewer.open(broadcast.code) for viewer in viewers]
        stays = Browser(lives).open(broadcast.code)
        writer = Browser(lives, member).open(broadcast.code)
        writer.next("chat.message", key=writer.say("하나"))
        assert all(tab.next("chat.message")["seq"] == 1 for tab in tabs)

        dies.kill()
        for text in ("둘", "셋"):
            began = time.monotonic()
            writer.say(text)
            assert stays.next("chat.message", text=text)
            assert time.monotonic() - began < SOON
        for viewer in viewers:
            viewer.server = lives
            back = viewer.open(broadcast.code, sync=False)
            assert [message["seq"] for message in back.sync(after=1)["history"]] == [2, 3]
            viewer.close()
        assert not lives.errors()


@pytest.mark.skipif(
    not can_make_networks(), reason="needs /dev/net/tun and the right to make a network namespace"
)
def test_five_percent_loss_and_three_hundred_milliseconds_lose_no_message(broadcast, server):
    messages, viewers = 30, 10
    with bad_network(server.port, delay=0.15, loss=0.05) as network:
        far = network.run(
            [
                *(sys.executable, "-m", "chat.tests.patient_viewer"),
                *(f"{network.host}:{network.port}", broadcast.code, str(viewers), str(messages)),
            ]
        )
        near = Browser(server).open(broadcast.code)
        assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == viewers + 1, 40)
        writers = [Browser(server, make_member()).open(broadcast.code) for _ in range(6)]
        worst = 0.0
        for number in range(messages):
            began = time.monotonic()
            key = writers[number % len(writers)].say(f"{number}번째")
            near.next("chat.message", key=key)
            worst = max(worst, time.monotonic() - began)
        output, _ = far.communicate(timeout=90)
    assert far.returncode == 0
    assert json.loads(output) == [list(range(1, messages + 1))] * viewers
    assert worst < SOON


def test_a_process_that_is_asked_to_end_sends_its_viewers_elsewhere(broadcast):
    with serving() as lives:
        ends = Server()
        tab = Browser(ends).open(broadcast.code)
        os.kill(ends.process.pid, signal.SIGTERM)
        assert tab.close_code() == 1012
        ends.stop()
        assert Browser(lives).open(broadcast.code).state["viewers"]
