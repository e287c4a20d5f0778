"""A camera's socket on a real server, before a real ingest."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from websockets.exceptions import ConnectionClosed, InvalidStatus

from broadcasts.camera.limits import BURST_BYTES, FRAME_MAX_BYTES
from broadcasts.camera.tests.support import H264, VP8, camera_of, film, send_to
from broadcasts.ingest.tests.support import decode, packets, running, stop, until
from broadcasts.models import Channel
from chat.tests.servers import DAPHNE, serving, wait_until
from tests.makers import make_member


async def recorded(site):
    """End the show; return the packets of its recording, checked to be whole."""
    await stop(site)
    playlist = await site.recorded() / "master.m3u8"
    assert decode(playlist) == ""
    return packets(playlist)


async def carry(server, tmp_path, seller, format_, data, *, seconds=1.5):
    async with running(tmp_path) as site, camera_of(seller, server) as camera:
        await database_sync_to_async(send_to)(site, seller)
        assert await camera.start(format_) == {"type": "camera.ready"}
        await camera.record(data, seconds=seconds)
        await until(lambda: site.server.describe() and site.server.describe()[0]["connected"])
        await until(lambda: "Recording Start" in site.told)
        await asyncio.sleep(0.5)
        found = await recorded(site)
    for stream in (0, 1):
        track = [packet for packet in found if packet.stream == stream]
        assert track[-1].pts - track[0].pts > 2.5, "most of the four seconds arrived"


def test_h264_is_passed_on_with_its_sound(camera_server, tmp_path, seller):
    asyncio.run(carry(camera_server, tmp_path, seller, H264, film()))


def test_vp8_is_encoded(camera_server, tmp_path, seller):
    asyncio.run(carry(camera_server, tmp_path, seller, VP8, film("libvpx"), seconds=3))


def test_it_works_under_daphne(tmp_path, seller):
    with serving(DAPHNE) as server:
        asyncio.run(carry(server, tmp_path, seller, H264, film()))
        assert not server.errors()


def test_the_stream_key_stands_on_no_command_line(camera_server, tmp_path, seller):
    async def look():
        async with running(tmp_path) as site, camera_of(seller, camera_server) as camera:
            await database_sync_to_async(send_to)(site, seller, "key-secret")
            await camera.start()
            lines = [path.read_bytes() for path in camera_processes(camera_server)]
            return [line for line in lines if b"ffmpeg" in line]

    (line,) = asyncio.run(look())
    assert b"pipe:0" in line
    assert b"secret" not in line


def camera_processes(server):
    """The command lines of what the server has started."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{server.process.pid}\n" in text:
            yield status.with_name("cmdline")


def test_a_page_that_comes_back_goes_on_in_the_same_recording(camera_server, tmp_path, seller):
    session = uuid4()

    async def cut_and_come_back():
        async with running(tmp_path) as site:
            await database_sync_to_async(send_to)(site, seller)
            async with camera_of(seller, camera_server) as first:
                await first.start(session=session)
                await first.record(film())
                await until(lambda: "Recording Start" in site.told)
                # The first connection died without a word: the server does not know yet.
                async with camera_of(seller, camera_server) as second:
                    assert await second.start(session=session) == {"type": "camera.ready"}
                    told = await first.news()
                    await second.record(film())
                    await until(lambda: site.told.count("Stream Start") == 2)
                    await asyncio.sleep(0.5)
                    found = await recorded(site)
            return told, site.told, found

    told, events, found = asyncio.run(cut_and_come_back())
    assert (told["code"], told["retry"]) == ("taken_over", False)
    assert events.count("Recording Start") == 1
    assert found[-1].pts - found[0].pts > 5


def test_another_window_is_refused_by_name(camera_server, tmp_path, seller):
    async def twice():
        async with running(tmp_path) as site, camera_of(seller, camera_server) as first:
            await database_sync_to_async(send_to)(site, seller)
            await first.start()
            async with camera_of(seller, camera_server) as second:
                return await second.start(), await second.close_code()

    told, code = asyncio.run(twice())
    assert (told["code"], told["retry"], code) == ("already_publishing", False, 4009)


def test_a_camera_beside_an_encoder_is_refused_by_name(camera_server, tmp_path, seller):
    async def beside():
        async with running(tmp_path) as site, camera_of(seller, camera_server) as camera:
            await database_sync_to_async(send_to)(site, seller)
            await site.encoder("key-a")
            return await camera.start()

    assert asyncio.run(beside())["code"] == "already_publishing"


def test_when_the_ingest_goes_away_the_page_is_told_to_come_back(camera_server, tmp_path, seller):
    async def lose():
        async with camera_of(seller, camera_server) as camera:
            async with running(tmp_path) as site:
                await database_sync_to_async(send_to)(site, seller)
                await camera.start()
            async with camera_of(seller, camera_server) as again:
                return await camera.news(), await again.start()

    for told in asyncio.run(lose()):
        assert (told["code"], told["retry"]) == ("server_away", True)
        assert told["message"] == "방송 서버와 연결이 끊겼어요. 다시 연결하고 있어요."


def test_only_the_own_channel_can_be_reached(camera_server, tmp_path, seller):
    other = make_member()

    async def visit(member, origin=""):
        async with camera_of(member, camera_server, origin=origin) as camera:
            return await camera.news(), await camera.close_code()

    told, code = asyncio.run(visit(None))
    assert (told["code"], code) == ("sign_in", 4401)
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(visit(seller, origin="https://elsewhere.example"))
    assert refused.value.response.status_code == 403

    async def as_another():
        async with running(tmp_path) as site, camera_of(other, camera_server) as camera:
            await database_sync_to_async(send_to)(site, seller)
            await database_sync_to_async(send_to)(site, other, "key-b")
            await camera.start()
            await camera.record(film())
            await until(lambda: site.server.describe())
            return site.server.describe()

    assert [show["ref"] for show in asyncio.run(as_another())] == ["b"]


def test_a_channel_that_is_not_ready_is_refused(camera_server, seller):
    Channel.objects.filter(member=seller).update(state=Channel.State.CLOSED)

    async def ask():
        async with camera_of(seller, camera_server) as camera:
            return await camera.start()

    assert asyncio.run(ask())["code"] == "channel_not_ready"


async def _misbehave(server, tmp_path, seller, do):
    async with running(tmp_path) as site, camera_of(seller, server) as camera:
        await database_sync_to_async(send_to)(site, seller)
        await do(camera)
        return await camera.close_code()


async def _send_before_ready(camera):
    await camera.socket.send(film()[:1000])


async def _say_nonsense(camera):
    await camera.socket.send('{"type": "start", "session": 1}')


async def _start_twice(camera):
    await camera.start()
    await camera.socket.send("{}")


async def _send_a_huge_frame(camera):
    await camera.start()
    await camera.socket.send(bytes(FRAME_MAX_BYTES + 1))


async def _flood(camera):
    await camera.start()
    with suppress(ConnectionClosed):
        for piece in [
            film()[:FRAME_MAX_BYTES],
            *[bytes(FRAME_MAX_BYTES)] * (2 * BURST_BYTES // FRAME_MAX_BYTES),
        ]:
            await camera.socket.send(piece)


async def _name_an_unknown_format(camera):
    await camera.start("video/webm;codecs=theora")


async def _name_a_playlist(camera):
    await camera.start()
    await camera.socket.send(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 1000)


@pytest.mark.parametrize(
    ("do", "code"),
    [
        (_send_before_ready, 1007),
        (_say_nonsense, 1007),
        (_start_twice, 1007),
        (_send_a_huge_frame, 1009),
        (_flood, 4029),
        (_name_an_unknown_format, 4015),
        (_name_a_playlist, 4022),
    ],
)
def test_what_no_page_of_ours_does_is_refused_by_name(camera_server, tmp_path, seller, do, code):
    assert asyncio.run(_misbehave(camera_server, tmp_path, seller, do)) == code
    assert wait_until(lambda: not list(camera_processes(camera_server)))


def test_what_ffmpeg_does_not_read_is_not_kept_without_bound(camera_server, tmp_path, seller):
    async def stand_still():
        async with running(tmp_path) as site, camera_of(seller, camera_server) as camera:
            await database_sync_to_async(send_to)(site, seller)
            await camera.start()
            (line,) = camera_processes(camera_server)
            os.kill(int(line.parent.name), signal.SIGSTOP)
            with suppress(ConnectionClosed):
                for _ in range(BURST_BYTES // FRAME_MAX_BYTES):
                    await camera.socket.send(bytes(FRAME_MAX_BYTES))
            return await camera.news()

    assert asyncio.run(stand_still())["code"] == "too_fast"
    assert wait_until(lambda: not list(camera_processes(camera_server)), 30), "it is ended by force"
