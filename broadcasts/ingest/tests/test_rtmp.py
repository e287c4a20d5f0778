"""The wire: what an encoder is answered, and what becomes of those who are none."""

import asyncio
import gc
import logging
import os
import struct
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcasts.ingest import amf
from broadcasts.ingest.chunks import encode_message

from .support import AUDIO, VIDEO, Encoder, Tag, media, running, until

QUICK = {"publish_deadline": 0.6, "silence_deadline": 1.0, "refusal_linger": 0.5}


def tag_of(kind, head, *, time_ms=0):
    return Tag(kind, time_ms, bytes(head) + bytes(20))


async def connected(site):
    reader, writer = await asyncio.open_connection("127.0.0.1", site.server.rtmp_port)
    return reader, writer


def connections(site):
    return len(site.server._publishers)


async def test_a_right_key_may_publish(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        assert (await encoder.answer(1))[3]["code"] == "NetConnection.Connect.Success"
        assert (await encoder.answer(4))[3] == 1.0
        status = await encoder.publish("key-a?auth=ignored")
        assert (status["level"], status["code"]) == ("status", "NetStream.Publish.Start")


async def test_a_wrong_key_is_refused_and_logged_without_the_key(tmp_path, caplog):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        status = await encoder.publish("wrong-secret-key")
        assert (status["level"], status["code"]) == ("error", "NetStream.Publish.BadName")
        assert await encoder.hung_up(2)
        assert site.events == []
    assert "127.0.0.1" in caplog.text
    assert "refused" in caplog.text
    assert "wrong-secret-key" not in caplog.text


async def test_a_refusal_is_read_even_by_an_encoder_that_is_sending(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        encoder.message(20, amf.encode("publish", 5, None, "wrong", "live"))
        for _ in range(50):
            encoder.message(VIDEO, bytes(20_000))
        assert (await encoder.status())["code"] == "NetStream.Publish.BadName"


async def test_a_second_encoder_on_a_busy_channel_is_refused(tmp_path):
    async with running(tmp_path) as site:
        await site.encoder("key-a", media())
        for _ in range(2):
            second = await Encoder.connect(site.server.rtmp_port)
            status = await second.publish("key-a")
            assert status["code"] == "NetStream.Publish.BadName"
            assert "already publishing" in status["description"]
        await until(lambda: "Stream Failure" in site.told)
        failures = [event["detail"] for event in site.events if event["detail"].get("code")]
        assert [detail["code"] for detail in failures] == ["already_publishing"]
        assert failures[0]["stream_id"] != site.server.describe()[0]["stream_id"]
        assert site.server.describe()[0]["connected"]


async def test_another_application_is_refused(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port, application="vod")
        answer = await encoder.answer(1)
        assert answer[0] == "_error"
        assert answer[3]["code"] == "NetConnection.Connect.InvalidApp"
        assert await encoder.hung_up(3)


async def test_who_wants_to_play_is_dropped(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        encoder.message(20, amf.encode("play", 5, None, "key-a"))
        assert await encoder.hung_up(2)


async def test_a_key_that_cannot_be_checked_is_refused_for_now(tmp_path, caplog):
    async with running(tmp_path) as site:

        async def broken(key):
            raise RuntimeError("database away")

        site.server._authorise = broken
        encoder = await Encoder.connect(site.server.rtmp_port)
        status = await encoder.publish("key-a")
        assert status["code"] == "NetStream.Publish.Failed"
        assert "try again" in status["description"]


@pytest.mark.parametrize(
    ("tag", "code", "word"),
    [
        (tag_of(VIDEO, [0x1C, 0]), "unsupported_video_codec", "HEVC"),
        (tag_of(VIDEO, b"\x90hvc1"), "unsupported_video_codec", "HEVC"),
        (tag_of(VIDEO, b"\x90av01"), "unsupported_video_codec", "AV1"),
        (tag_of(VIDEO, [0x14, 0]), "unsupported_video_codec", "VP6"),
        (tag_of(VIDEO, [0x17, 0, 0, 0, 0]), "unreadable_stream", "H.264"),
        (tag_of(AUDIO, [0x2F]), "unsupported_audio_codec", "MP3"),
        (tag_of(AUDIO, b"\x90Opus"), "unsupported_audio_codec", "Opus"),
    ],
)
async def test_other_codecs_are_refused_with_a_reason_the_seller_sees(tmp_path, tag, code, word):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", [tag])
        status = await encoder.status()
        assert status["code"] == "NetStream.Publish.Rejected"
        assert word in status["description"]
        assert await encoder.hung_up(3)
        await until(lambda: site.events)
        (event,) = site.events
        assert event["resources"] == ["a"]
        assert event["detail"]["event_name"] == "Stream Failure"
        assert event["detail"]["code"] == code
        assert event["detail"]["reason"] == status["description"]


async def test_colours_that_browsers_cannot_show_are_refused(tmp_path):
    tags = media(1, video="-c:v libx264 -pix_fmt yuv444p", audio="-an")
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", tags)
        assert "I420" in (await encoder.status())["description"]
        await until(lambda: site.events and site.events[0]["detail"]["code"] == "unsupported_video_codec")


async def test_sound_alone_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("broadcasts.ingest.stream.WAIT_FOR_VIDEO_SECONDS", 0.5)
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", [tag for tag in media() if tag.kind == AUDIO])
        status = await encoder.status()
        assert "sound" in status["description"]
        await until(lambda: site.events and site.events[0]["detail"]["code"] == "no_video")


async def test_a_picture_without_sound_is_fine(tmp_path):
    async with running(tmp_path) as site:
        await site.encoder("key-a", media(audio="-an"))
        await until(lambda: site.server.describe())
        assert "mp4a" not in await site.text("/live/play-a/index.m3u8")


async def test_who_says_nothing_is_dropped_in_time(tmp_path):
    async with running(tmp_path, **QUICK) as site:
        for greeting in (b"", b"\x03", b"\x03" + bytes(1536), b"\x03" + bytes(1536 * 2)):
            reader, writer = await connected(site)
            writer.write(greeting)
            begun = time.monotonic()
            async with asyncio.timeout(4):
                while await reader.read(65536):
                    pass
            assert time.monotonic() - begun < 2.5
        assert connections(site) == 0


async def test_a_silent_publisher_frees_its_channel(tmp_path):
    async with running(tmp_path, **QUICK) as site:
        encoder = await site.encoder("key-a", media())
        await until(site.server.describe)
        assert await encoder.hung_up(4)
        assert site.server.describe() == []
        await site.encoder("key-a", media())


async def test_pings_do_not_keep_a_silent_publisher_alive(tmp_path):
    async with running(tmp_path, **QUICK) as site:
        encoder = await site.encoder("key-a")
        hanging_up = asyncio.create_task(encoder.hung_up(5))
        while not hanging_up.done():
            encoder.message(4, struct.pack(">HI", 6, 1), stream_id=0)
            await asyncio.sleep(0.1)
        assert await hanging_up


async def test_an_encoder_that_resets_the_connection_frees_its_channel(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media())
        await until(site.server.describe)
        encoder.writer.transport.abort()
        await until(lambda: not site.server.describe())
        await site.encoder("key-a", media())


async def test_the_end_of_publishing_is_understood_without_hanging_up(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media())
        await until(site.server.describe)
        encoder.command("FCUnpublish", 6, None, "key-a")
        encoder.command("deleteStream", 7, None, 1)
        await until(lambda: site.told[-1] == "Stream End")
        assert (await encoder.publish("key-a"))["level"] == "status"


async def test_what_comes_during_the_key_check_waits_in_the_socket(tmp_path):
    async with running(tmp_path) as site:
        release = asyncio.Event()
        authorise = site.server._authorise

        async def slow(key):
            await release.wait()
            return await authorise(key)

        site.server._authorise = slow
        encoder = await Encoder.connect(site.server.rtmp_port)
        encoder.message(20, amf.encode("publish", 5, None, "key-a", "live"))
        for tag in media():
            encoder.send(tag)
        await asyncio.sleep(0.2)
        release.set()
        await until(site.server.describe)


async def test_connections_are_limited(tmp_path):
    async with running(tmp_path, max_connections=3, max_connections_per_address=2) as site:
        first, second = await connected(site), await connected(site)
        third, _ = await connected(site)
        assert await third.read() == b""
        first[1].close()
        await until(lambda: connections(site) == 1)
        fourth = await Encoder.connect(site.server.rtmp_port)
        assert (await fourth.publish("key-a"))["level"] == "status"
        second[1].close()


async def test_unfinished_messages_hold_little_memory(tmp_path):
    """64 chunk streams, each with a message of 4 MiB that lacks its last byte."""
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port, chunk_size=1 << 20)
        held = []
        publisher = await until(lambda: next(iter(site.server._publishers), None))
        try:
            for stream in range(3, 63):
                raw = encode_message(stream, VIDEO, 1, bytes(4 << 20), chunk_size=1 << 20)
                encoder.writer.write(raw[:-1])
                await encoder.drain()
                held.append(publisher._reader.partial_bytes)
        except ConnectionError:
            pass
        assert await encoder.hung_up(5)
        assert max(held) <= 8 << 20


async def test_a_peer_that_does_not_read_is_dropped(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        encoder.writer.transport.pause_reading()
        ping = encode_message(2, 4, 0, struct.pack(">HI", 6, 1), chunk_size=4096)
        flood = ping * 20_000

        def flood_on():
            encoder.writer.write(flood)
            return connections(site) == 0

        await until(flood_on, 15)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=3000), st.sampled_from(["raw", "chunks", "published"]))
async def test_garbage_closes_the_connection_and_nothing_else(tmp_path_factory, caplog, garbage, where):
    caplog.clear()
    async with running(tmp_path_factory.mktemp("fuzz"), **{**QUICK, "publish_deadline": 0.3}) as site:
        if where == "raw":
            _, writer = await connected(site)
        else:
            encoder = await Encoder.connect(site.server.rtmp_port)
            writer = encoder.writer
            if where == "published":
                await encoder.publish("key-a")
        writer.write(garbage)
        writer.write_eof()
        await until(lambda: connections(site) == 0, 4)
        writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_many_bad_connections_leave_nothing_behind(tmp_path):
    async with running(tmp_path) as site:
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(100):
            _, writer = await connected(site)
            writer.write(b"\x03" + os.urandom(4000))
            writer.close()
        await until(lambda: connections(site) == 0)
        gc.collect()
        assert len(gc.get_objects()) - before < 2000


async def test_aggregate_messages_are_taken_apart(tmp_path):
    async with running(tmp_path) as site:
        tags = media()
        encoder = await site.encoder("key-a", tags[:4])
        for start in range(4, len(tags), 10):
            group = [tag for tag in tags[start : start + 10] if tag.kind in (AUDIO, VIDEO)]
            body = b"".join(
                bytes((tag.kind,))
                + len(tag.payload).to_bytes(3)
                + (tag.time & 0xFFFFFF).to_bytes(3)
                + bytes(4)
                + tag.payload
                + struct.pack(">I", len(tag.payload) + 11)
                for tag in group
            )
            encoder.message(22, body, time_ms=group[0].time)
        await until(site.server.describe)
        await until(lambda: site.server._shows["a"].window.last_complete)


async def test_amf3_commands_are_understood(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port)
        encoder.message(17, b"\x00" + amf.encode("publish", 5, None, "key-a", "live"))
        assert (await encoder.status())["level"] == "status"
