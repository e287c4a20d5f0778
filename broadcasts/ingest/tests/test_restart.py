"""The death of the process, by a deploy or by force: sessions live on disk and go on."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from broadcasts.ingest import journal

from .support import (
    FFMPEG,
    Encoder,
    assert_seamless,
    decode,
    frames,
    media,
    packets,
    publish,
    running,
    stop,
    until,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def crashing(tmp_path):
    """A server in a process of its own that notes its events in a file; `kill` ends it the hard way."""
    script = tmp_path / "serve.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio, json, sys
            from pathlib import Path
            from broadcasts.ingest.channel import Channel
            from broadcasts.ingest.config import Config
            from broadcasts.ingest.server import IngestServer

            folder, ffmpeg = Path(sys.argv[1]), sys.argv[2]

            async def authorise(key):
                return Channel("a", "member-a", "play-a")

            async def emit(event):
                with (folder / "events").open("a") as file:
                    file.write(json.dumps(event) + "\\n")

            async def main():
                config = Config(recordings=folder / "recordings", rtmp_port=0, http_port=0, ffmpeg=ffmpeg)
                server = IngestServer(config, authorise=authorise, emit=emit)
                await server.start()
                (folder / "port.new").write_text(str(server.rtmp_port))
                (folder / "port.new").rename(folder / "port")
                await asyncio.Event().wait()

            asyncio.run(main())
            """
        )
    )

    class Crashing:
        def __init__(self):
            self.process = None

        async def start(self):
            (tmp_path / "port").unlink(missing_ok=True)
            self.process = subprocess.Popen(
                [sys.executable, str(script), str(tmp_path), FFMPEG],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            return int(await until(lambda: (tmp_path / "port").exists() and (tmp_path / "port").read_text()))

        def kill(self):
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

        @property
        def events(self):
            path = tmp_path / "events"
            return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    server = Crashing()
    yield server
    if server.process and server.process.poll() is None:
        server.kill()


async def crash_on_air(crashing, folder, seconds=5):
    """Publish, wait until two segments are journaled, kill the process."""
    encoder = await Encoder.connect(await crashing.start())
    assert (await encoder.publish("key-a"))["level"] == "status"
    for tag in media(seconds):
        encoder.send(tag)
    await encoder.drain()
    journals = folder / "recordings" / journal.FOLDER

    def recorded():
        return [path for path in journals.glob("*.jsonl") if path.read_text().count('"segment":') == 2]

    (path,) = await until(recorded)
    crashing.kill()
    await encoder.close()
    return path


async def test_a_killed_server_goes_on_with_the_show(tmp_path, crashing):
    path = await crash_on_air(crashing, tmp_path)
    with path.open("ab") as file:
        file.write(b'{"segment": {"msn": 2, "ep')  # the line it was writing when it died
    assert [event["detail"].get("event_name") for event in crashing.events] == ["Stream Start", None]
    async with running(tmp_path / "recordings") as site:
        await until(lambda: site.told == ["Stream End"])
        playlist = await site.text("/live/play-a/media.m3u8")
        assert playlist.count("#EXTINF") == 2
        assert "ENDLIST" not in playlist
        name = [line for line in playlist.splitlines() if line.endswith(".m4s")][1]
        assert (await site.get(f"/live/play-a/{name}"))[0] == 200
        assert (await site.get("/live/play-a/picture.jpg"))[0] == 200
        await publish(site, media(3))
        after = await site.text("/live/play-a/media.m3u8")
        names = [line for line in after.splitlines() if line.endswith(".m4s")]
        assert [int(name[:6]) for name in names] == [0, 1, 2, 3]
        assert names[2][6:] != names[1][6:]
        await stop(site)
        assert site.told == ["Stream End", "Stream Start", "Stream End", "Recording End"]
        folder = await site.recorded()
        assert_seamless(packets(folder / "master.m3u8"))
        assert decode(folder / "master.m3u8") == ""
        assert site.events[-1]["detail"]["recording_duration_ms"] == pytest.approx(7000, abs=60)
        assert len(site.events[-1]["detail"]["recording_session_stream_ids"]) == 2


async def test_a_show_whose_window_passed_while_the_server_was_down_is_finished(tmp_path, crashing):
    path = await crash_on_air(crashing, tmp_path)
    os.utime(path, (0, 0))
    async with running(tmp_path / "recordings", ended_linger=0.1) as site:
        await until(lambda: site.told == ["Stream End", "Recording End"])
        folder = await site.recorded()
        assert (folder / "media.m3u8").read_text().endswith("#EXT-X-ENDLIST\n")
        assert decode(folder / "master.m3u8") == ""
        assert site.events[0]["detail"]["stream_id"] == crashing.events[0]["detail"]["stream_id"]
        await until(lambda: not path.exists())
    async with running(tmp_path / "recordings") as site:
        await asyncio.sleep(0.2)
        assert site.events == []


async def test_of_two_sessions_left_behind_the_newest_goes_on_and_the_other_is_finished(tmp_path, crashing):
    newest = await crash_on_air(crashing, tmp_path)
    older = newest.with_name("older.jsonl")
    older.write_text(newest.read_text().replace(newest.stem, "older"))
    recordings = tmp_path / "recordings" / "play-a"
    shutil.copytree(recordings / newest.stem, recordings / "older")
    os.utime(older, (newest.stat().st_mtime - 5, newest.stat().st_mtime - 5))
    async with running(tmp_path / "recordings", ended_linger=0.1) as site:
        await until(lambda: "Recording End" in site.told)
        ended = [
            event["detail"]
            for event in site.events
            if event["detail"].get("recording_status") == "Recording End"
        ]
        assert [detail["recording_session_id"] for detail in ended] == ["older"]
        await until(lambda: not older.exists())
        assert "ENDLIST" not in await site.text("/live/play-a/media.m3u8")
    assert newest.exists()


async def test_events_not_delivered_before_the_death_are_delivered_after_it(tmp_path, crashing):
    path = await crash_on_air(crashing, tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"delivered"' not in line))
    async with running(tmp_path / "recordings") as site:
        await until(lambda: site.told == ["Stream Start", "Recording Start", "Stream End"])
        assert [event["id"] for event in site.events[:2]] == [event["id"] for event in crashing.events]


async def test_a_restart_looks_like_a_reconnect(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media(3))
        await until(site.server.describe)
    assert await encoder.hung_up(2)
    assert site.told == ["Stream Start", "Recording Start", "Stream End"]
    async with running(tmp_path) as site:
        await publish(site, media(3))
        await stop(site)
        assert site.told == ["Stream Start", "Stream End", "Recording End"]
        folder = await site.recorded()
        found = packets(folder / "master.m3u8")
        assert_seamless(found)
        assert len(frames(found, 0)) == 180


async def test_a_journal_that_says_nothing_does_not_stop_the_server(tmp_path):
    (tmp_path / journal.FOLDER).mkdir()
    (tmp_path / journal.FOLDER / "broken.jsonl").write_bytes(b"\x00\xff{")
    (tmp_path / journal.FOLDER / "empty.jsonl").write_bytes(b"")
    async with running(tmp_path) as site:
        await publish(site, media())
