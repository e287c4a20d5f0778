"""The server against the real tables, and the command that runs it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from broadcasts.ingest import events, gateway
from broadcasts.ingest.channel import Channel
from broadcasts.models import LocalChannel
from media_pipeline.models import ProviderEvent

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def channel(transactional_db):
    return LocalChannel.objects.create(
        ref="local:abc",
        name="member-7",
        playback_id="abc",
        stream_key="live_secret",
        key_digest=LocalChannel.digest("live_secret"),
    )


async def test_a_stream_key_leads_to_its_channel(channel):
    assert await gateway.authorise("live_secret") == Channel("local:abc", "member-7", "abc")


@pytest.mark.parametrize("key", ["", "live_wrong", "abc", "local:abc", "\x00", "한글" * 500])
async def test_no_other_key_does(channel, key):
    assert await gateway.authorise(key) is None


async def test_a_replaced_key_is_refused_from_now_on(channel):
    channel.key_digest = LocalChannel.digest("live_new")
    await channel.asave()
    assert await gateway.authorise("live_secret") is None


async def test_events_go_into_the_inbox_once(channel):
    event = events.stream_state(Channel("local:abc", "member-7", "abc"), "st-1", "Stream Start")
    await gateway.emit(event)
    await gateway.emit(event)
    row = await ProviderEvent.objects.aget()
    assert (row.type, row.event_id) == ("IVS Stream State Change", event["id"])
    assert row.envelope == event


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("service", ["RTMP", "HTTP"])
def test_a_taken_port_is_told_in_one_sentence(transactional_db, settings, tmp_path, service):
    settings.RECORDINGS_ROOT = tmp_path
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {"rtmp_port": free_port(), "http_port": free_port(), f"{service.lower()}_port": port}
        with pytest.raises(
            CommandError, match=rf"^The {service} port {port} is taken\. Choose another with --\S+ or \S+$"
        ):
            call_command("ingest", **ports)


def test_an_unreachable_database_is_told_in_one_sentence(monkeypatch):
    def refuse():
        raise OperationalError("connection refused")

    monkeypatch.setattr(gateway, "check_database", refuse)
    with pytest.raises(CommandError, match="database cannot be reached"):
        call_command("ingest")


async def test_the_command_listens_and_stops_cleanly(tmp_path):
    command = [sys.executable, "manage.py", "ingest", "--rtmp-port", "0", "--http-port", "0"]
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
    }
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    assert line.startswith(b"Ingest listens: rtmp://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    rest, _ = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, rest) == (0, b"")
