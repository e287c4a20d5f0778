"""Whole shows: an encoder publishes, drops, returns, ends; what players, the recording and the site are told."""

import asyncio
import json
import shutil

import pytest

from .support import (
    AUDIO,
    BEARER,
    FFMPEG,
    VIDEO,
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


async def test_a_show_from_beginning_to_end(tmp_path):
    async with running(tmp_path) as site:
        await publish(site, media(5))
        assert await stop(site) == {"stopped": True}
        assert await stop(site) == {"stopped": False}
        assert site.told == ["Stream Start", "Recording Start", "Stream End", "Recording End"]
        folder = await site.recorded()
        found = packets(folder / "master.m3u8")
        assert len(frames(found, 0)) == 150
        assert_seamless(found)
        assert decode(folder / "master.m3u8") == ""
        end = site.events[-1]["detail"]
        assert end["recording_duration_ms"] == pytest.approx(5000, abs=40)
        assert end["recording_s3_key_prefix"] == f"recordings/play-a/{folder.parent.parent.name}"
        assert end["recording_s3_bucket_name"] == "local"
        assert end["recording_session_stream_ids"] == [site.events[0]["detail"]["stream_id"]]


async def test_events_have_the_shape_of_the_provider(tmp_path):
    async with running(tmp_path) as site:
        await publish(site, media())
        event = site.events[0]
        assert set(event) == {
            "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
        }  # fmt: skip
        assert event["detail-type"] == "IVS Stream State Change"
        assert (event["source"], event["account"], event["region"]) == (
            "livecommerce.ingest",
            "local",
            "local",
        )
        assert event["resources"] == ["a"]
        assert event["time"].endswith("Z")
        assert set(event["detail"]) == {"event_name", "channel_name", "stream_id"}
        assert event["detail"]["channel_name"] == "member-a"
        assert site.events[1]["detail-type"] == "IVS Recording State Change"
        assert "key-a" not in json.dumps(site.events)


async def test_sound_and_picture_stay_in_step(tmp_path):
    """What the FLV says about each frame's time comes out again."""
    tags = media(4)
    async with running(tmp_path) as site:
        await publish(site, tags)
        await stop(site)
        found = packets(await site.recorded() / "media.m3u8")
        first = next(tag for tag in tags if tag.is_key)
        sent = [tag.time - first.time for tag in tags if tag.kind == VIDEO and tag.payload[1] == 1]
        assert [round(packet.dts * 1000) for packet in frames(found, 0)] == sent
        sounds = [tag.time - first.time for tag in tags if tag.kind == AUDIO and not tag.is_config]
        for sent_at, packet in zip(
            [time for time in sounds if time >= 0][1:], frames(found, 1)[1:], strict=False
        ):
            assert abs(sent_at / 1000 - packet.dts) < 0.03


async def test_b_frames_are_shown_in_order(tmp_path):
    tags = media(4, video="-c:v libx264 -bf 3 -g 60 -x264-params b-adapt=0")
    async with running(tmp_path) as site:
        await publish(site, tags)
        await stop(site)
        folder = await site.recorded()
        video = frames(packets(folder / "media.m3u8"), 0)
        assert any(packet.pts > packet.dts for packet in video)
        shown = sorted(packet.pts for packet in video)
        gaps = [after - before for before, after in zip(shown, shown[1:], strict=False)]
        assert max(gaps) < 0.036
        assert decode(folder / "master.m3u8") == ""


async def test_an_encoder_that_returns_goes_on_in_the_same_recording(tmp_path):
    async with running(tmp_path) as site:
        await publish(site, media(3))
        await publish(site, media(3), shift=1_000_000)
        await publish(site, media(3), shift=-500)
        await stop(site)
        assert site.told == [
            "Stream Start", "Recording Start", "Stream End",
            "Stream Start", "Stream End",
            "Stream Start", "Stream End", "Recording End",
        ]  # fmt: skip
        folder = await site.recorded()
        text = (folder / "media.m3u8").read_text()
        assert "DISCONTINUITY" not in text
        assert text.count("EXT-X-MAP") == 1
        assert text.endswith("#EXT-X-ENDLIST\n")
        found = packets(folder / "master.m3u8")
        assert len(frames(found, 0)) == 270
        # One frame of sound per connection is stretched to bridge the few ms that are missing.
        assert_seamless(found)
        assert decode(folder / "master.m3u8") == ""
        detail = site.events[-1]["detail"]
        assert detail["recording_duration_ms"] == pytest.approx(9000, abs=100)
        assert len(set(detail["recording_session_stream_ids"])) == 3


async def test_another_resolution_after_the_return_is_a_discontinuity(tmp_path):
    async with running(tmp_path) as site:
        await publish(site, media(3))
        await publish(site, media(3, size="640x360", audio="-c:a aac -ar 44100"))
        live = await site.text("/live/play-a/media.m3u8")
        assert live.count("#EXT-X-DISCONTINUITY\n") == 1
        assert live.count("#EXT-X-MAP") == 2
        await stop(site)
        folder = await site.recorded()
        text = (folder / "media.m3u8").read_text()
        assert text.index("#EXT-X-DISCONTINUITY") < text.rindex("#EXT-X-MAP")
        assert site.events[-1]["detail"]["recording_duration_ms"] == pytest.approx(6000, abs=80)
        assert "RESOLUTION=640x360" in (folder / "master.m3u8").read_text()


async def test_a_resolution_changed_on_air_waits_for_its_keyframe(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media(3))
        for tag in media(3, size="640x360"):
            encoder.send(tag, shift=3000)
        await encoder.close()
        await until(lambda: "Stream End" in site.told)
        await stop(site)
        assert site.told.count("Stream Start") == 1
        text = (await site.recorded() / "media.m3u8").read_text()
        assert text.count("#EXT-X-DISCONTINUITY\n") == 1


async def test_a_clock_that_wraps_or_jumps_does_not_tear_the_timeline(tmp_path):
    tags = media(6)
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a")
        for tag in tags:
            jump = 0 if tag.time < 2000 else 3_000_000 if tag.time < 4000 else -1500
            encoder.send(tag, shift=2**32 - 1000 + jump)
        await encoder.close()
        await until(lambda: "Stream End" in site.told)
        await stop(site)
        folder = await site.recorded()
        assert_seamless(packets(folder / "media.m3u8"))
        assert site.events[-1]["detail"]["recording_duration_ms"] == pytest.approx(6000, abs=150)


async def test_an_encoder_that_stays_away_ends_the_show(tmp_path):
    async with running(tmp_path, reconnect_window=0.5) as site:
        await publish(site, media())
        await until(lambda: "Recording End" in site.told)
        await publish(site, media())
        await until(lambda: site.told.count("Recording End") == 2)
        assert len(list((tmp_path / "play-a").iterdir())) == 2


async def test_stopping_drops_the_encoder_and_the_replay_plays_at_once(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media(5))
        await until(site.server.describe)
        session = site.server.describe()[0]["session_id"]
        assert await site.post("/control/channels/a/stop") == {"stopped": True}
        text = await site.text(f"/recordings/play-a/{session}/media/hls/media.m3u8")
        assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
        assert text.endswith("#EXT-X-ENDLIST\n")
        assert await encoder.hung_up(2)
        address = site.url(f"/recordings/play-a/{session}/media/hls/master.m3u8")
        found = await asyncio.to_thread(packets, address)
        assert len(frames(found, 0)) > 100


async def test_a_dropped_encoder_may_return_to_the_same_show(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media(3))
        await until(site.server.describe)
        session = site.server.describe()[0]["session_id"]
        assert await site.post("/control/channels/a/disconnect") == {"disconnected": True}
        assert await encoder.hung_up(2)
        assert await site.post("/control/channels/a/disconnect") == {"disconnected": False}
        await site.encoder("key-a", media(3))
        await until(site.server.describe)
        assert site.server.describe()[0]["session_id"] == session


async def test_a_key_replaced_while_it_is_checked_does_not_slip_in(tmp_path):
    async with running(tmp_path) as site:
        authorise = site.server._authorise

        async def replaced_meanwhile(key):
            channel = await authorise(key)
            site.server.disconnect("a")
            return channel

        site.server._authorise = replaced_meanwhile
        with pytest.raises(AssertionError, match="BadName"):
            await site.encoder("key-a")


async def test_the_control_api_needs_the_secret(tmp_path):
    calls = [
        ("get", "/control/streams"),
        ("post", "/control/channels/a/stop"),
        ("post", "/control/channels/a/disconnect"),
    ]
    async with running(tmp_path) as site:
        await site.encoder("key-a", media(3))
        await until(site.server.describe)
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Bearer "},
            {"Authorization": "ü"},
        ):
            for method, path in calls:
                async with site.http.request(method, site.url(path), headers=headers) as response:
                    assert response.status == 401
                    assert "Access-Control-Allow-Origin" not in response.headers
        assert site.server.describe()
    async with (
        running(tmp_path, control_secret="") as site,
        site.http.get(site.url("/control/streams"), headers={"Authorization": "Bearer "}) as response,
    ):
        assert response.status == 401


async def test_the_control_api_describes_what_is_on_air(tmp_path):
    async with running(tmp_path) as site:
        await site.encoder("key-a", media(5))
        await until(site.server.describe)
        _, body, _ = await site.get("/control/streams", headers=BEARER)
        (stream,) = json.loads(body)["streams"]
        assert stream["ref"] == "a"
        assert stream["stream_id"].startswith("st-")
        assert stream["started_at"].endswith("Z")
        assert (stream["width"], stream["height"], stream["fps"]) == (320, 180, 30.0)
        assert stream["keyframe_ms"] == 2000
        assert stream["connected"] is True
        assert stream["health"] == []
        assert stream["session_id"] == (await site.recorded()).parent.parent.name


async def test_ffmpeg_publishes_and_reads_back(tmp_path):
    """A real encoder and a real player on both ends."""
    async with running(tmp_path) as site:
        command = [FFMPEG, "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30"]
        command += [
            "-f",
            "lavfi",
            "-i",
            "sine=440:sample_rate=48000",
            "-t",
            "5",
            "-c:v",
            "libx264",
            "-g",
            "30",
        ]
        command += ["-pix_fmt", "yuv420p", "-preset", "ultrafast", "-c:a", "aac", "-f", "flv"]
        encoder = await asyncio.create_subprocess_exec(
            *command, f"rtmp://127.0.0.1:{site.server.rtmp_port}/live/key-a"
        )
        await until(lambda: "Recording Start" in site.told)
        player = [
            FFMPEG,
            "-v",
            "error",
            "-i",
            site.url("/live/play-a/index.m3u8"),
            "-t",
            "2",
            "-f",
            "null",
            "-",
        ]
        playing = await asyncio.create_subprocess_exec(*player)
        assert await asyncio.wait_for(playing.wait(), 20) == 0
        assert await asyncio.wait_for(encoder.wait(), 20) == 0
        await stop(site)
        folder = await site.recorded()
        assert decode(folder / "master.m3u8") == ""
        assert len(frames(packets(folder / "master.m3u8"), 0)) == 150


async def test_ffmpeg_says_why_it_was_refused(tmp_path):
    async with running(tmp_path) as site:
        address = f"rtmp://127.0.0.1:{site.server.rtmp_port}/live/wrong"
        command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", "testsrc2", "-t", "1", "-pix_fmt", "yuv420p"]
        encoder = await asyncio.create_subprocess_exec(
            *command, "-c:v", "libx264", "-f", "flv", address, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(encoder.communicate(), 20)
        assert b"stream key is wrong" in said


# Failures around it


async def test_a_failing_disk_ends_the_recording_and_not_the_show(tmp_path, caplog):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a", media(3))
        await until(site.server.describe)
        await until(lambda: list(tmp_path.glob("play-a/*/media/hls/*.m4s")))
        shutil.rmtree(await site.recorded())
        for tag in media(6):
            encoder.send(tag, shift=3000)
        await until(lambda: "Recording End Failure" in site.told)
        failure = site.events[-1]["detail"]
        assert failure["recording_status_reason"] == "No such file or directory"
        assert site.server.describe()[0]["health"] == ["recording_failed"]
        assert (await site.get("/live/play-a/media.m3u8"))[0] == 200
        await site.post("/control/channels/a/stop")
        await until(lambda: site.told[-1] == "Stream End")
        assert "Recording End" not in site.told
    assert "Recording of session" in caplog.text


async def test_a_recording_that_cannot_begin_is_told(tmp_path):
    recordings = tmp_path / "file"
    recordings.mkdir()
    (recordings / "play-a").write_text("in the way")
    async with running(recordings) as site:
        await site.encoder("key-a", media(3))
        await until(lambda: "Recording Start Failure" in site.told)
        assert (await site.get("/live/play-a/media.m3u8"))[0] == 200


async def test_events_wait_in_order_for_the_door_to_open(tmp_path, monkeypatch):
    monkeypatch.setattr("broadcasts.ingest.events._LAST_RETRY", 0.2)
    async with running(tmp_path) as site:
        outbox = site.server._outbox
        emit, closed = outbox._emit, True

        async def sometimes(event):
            if closed:
                raise ConnectionError("database away")
            await emit(event)

        outbox._emit = sometimes
        await publish(site, media())
        await site.post("/control/channels/a/stop")
        await asyncio.sleep(0.3)
        assert site.told == []
        closed = False
        await until(lambda: site.told == ["Stream Start", "Recording Start", "Stream End", "Recording End"])


async def test_a_flood_of_bits_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr("broadcasts.ingest.health.PACE_WINDOW", 0.2)
    async with running(tmp_path, max_bitrate=100_000) as site:
        encoder = await site.encoder("key-a", media(5, size="640x360"))
        assert (await encoder.status())["code"] == "NetStream.Publish.Rejected"
        await until(lambda: "Stream Failure" in site.told)
        names = [event["detail"].get("limit_name") or event["detail"].get("code") for event in site.events]
        assert "Ingest Bitrate" in names
        assert "bitrate_high" in names


async def test_many_channels_at_once_stay_apart(tmp_path):
    async with running(tmp_path) as site:
        keys = "abcdefgh"
        await asyncio.gather(*(site.encoder(f"key-{ref}", media(3, size="64x64")) for ref in keys))
        await until(lambda: len(site.server.describe()) == len(keys))
        sessions = {stream["session_id"] for stream in site.server.describe()}
        assert len(sessions) == len(keys)
        await asyncio.gather(*(site.post(f"/control/channels/{ref}/stop") for ref in keys[:4]))
        assert {stream["ref"] for stream in site.server.describe()} == set(keys[4:])
