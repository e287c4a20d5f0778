"""What players get: playlists by the rules, blocking reloads, parts, stills, recordings."""

import asyncio
import re

import pytest

from .support import VIDEO, Encoder, decode, media, packets, running, until

LIVE = "/live/play-a"


def tags_until(milliseconds, seconds=8):
    return [tag for tag in media(seconds) if tag.time < milliseconds]


def tags_between(start, end, seconds=8):
    return [tag for tag in media(seconds) if start <= tag.time < end]


def attributes(text, tag):
    (line,) = [line for line in text.splitlines() if line.startswith(f"#{tag}:")]
    return dict(
        item.split("=", 1) for item in re.findall(r'[A-Z-]+=(?:"[^"]*"|[^,]*)', line.split(":", 1)[1])
    )


def following_part(text):
    """Media sequence number and index of the hinted part."""
    name = attributes(text, "EXT-X-PRELOAD-HINT")["URI"].strip('"')
    msn, _, part, _ = re.fullmatch(r"(\d+)-(\w+)\.(\d+)\.(m4s)", name).groups()
    return int(msn), int(part), name


def segment_names(text):
    return [line for line in text.splitlines() if line.endswith(".m4s")]


async def on_air(site, milliseconds=5000):
    encoder = await site.encoder("key-a", tags_until(milliseconds))
    await until(lambda: site.server.describe())
    await until(lambda: site.server._shows["a"].window.next_part >= (milliseconds // 2000, 1))
    return encoder


async def test_the_multivariant_playlist_tells_what_the_stream_is(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        status, body, headers = await site.get(f"{LIVE}/index.m3u8")
        assert status == 200
        assert headers["Content-Type"] == "application/vnd.apple.mpegurl"
        values = attributes(body.decode(), "EXT-X-STREAM-INF")
        assert re.fullmatch(r'"avc1\.[0-9a-f]{6},mp4a\.40\.2"', values["CODECS"])
        assert values["RESOLUTION"] == "320x180"
        assert float(values["FRAME-RATE"]) == 30
        assert 10_000 < int(values["BANDWIDTH"]) < 8_500_000
        assert body.decode().splitlines()[-1] == "media.m3u8"


async def test_the_low_latency_playlist_follows_the_rules(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        text = await site.text(f"{LIVE}/media.m3u8")
        control = attributes(text, "EXT-X-SERVER-CONTROL")
        target = float(attributes(text, "EXT-X-PART-INF")["PART-TARGET"])
        assert control["CAN-BLOCK-RELOAD"] == "YES"
        assert float(control["PART-HOLD-BACK"]) >= 3 * target
        assert float(control["HOLD-BACK"]) >= 6
        assert "#EXT-X-TARGETDURATION:2" in text
        assert text.count("#EXT-X-PROGRAM-DATE-TIME:") == 3
        assert text.count('#EXT-X-MAP:URI="init-') == 1
        parts = []
        for line in text.splitlines():
            if line.startswith("#EXT-X-PART:"):
                parts.append(float(re.search(r"DURATION=([\d.]+)", line)[1]))
            elif line.startswith("#EXTINF:"):
                assert sum(parts) == pytest.approx(float(line[8:-1]), abs=0.001)
                assert all(0.85 * target <= part <= target for part in parts[:-1])
                parts = []
        assert text.count("INDEPENDENT=YES") == 3


async def test_the_plain_playlist_has_the_same_segments_and_no_parts(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        plain = await site.text(f"{LIVE}/plain.m3u8")
        low_latency = await site.text(f"{LIVE}/media.m3u8")
        assert "PART" not in plain
        assert segment_names(plain) == segment_names(low_latency) != []


async def test_parts_together_are_the_segment_and_play(tmp_path):
    async with running(tmp_path / "site") as site:
        await on_air(site)
        text = await site.text(f"{LIVE}/media.m3u8")
        name = segment_names(text)[0]
        _, segment, headers = await site.get(f"{LIVE}/{name}")
        assert headers["Content-Type"] == "video/iso.segment"
        assert "immutable" in headers["Cache-Control"]
        parts = [(await site.get(f"{LIVE}/{name[:-4]}.{index}.m4s"))[1] for index in range(7)]
        assert b"".join(parts) == segment
        init = attributes(text, "EXT-X-MAP")["URI"].strip('"')
        _, head, headers = await site.get(f"{LIVE}/{init}")
        assert headers["Content-Type"] == "video/mp4"
        (tmp_path / "one.mp4").write_bytes(head + segment)
        assert decode(tmp_path / "one.mp4") == ""
        assert len([packet for packet in packets(tmp_path / "one.mp4") if packet.stream == 0]) == 60


async def test_a_blocking_reload_answers_when_the_part_is_there(tmp_path):
    async with running(tmp_path) as site:
        encoder = await on_air(site)
        msn, part, name = following_part(await site.text(f"{LIVE}/media.m3u8"))
        reload = asyncio.create_task(site.get(f"{LIVE}/media.m3u8?_HLS_msn={msn}&_HLS_part={part}"))
        hinted = asyncio.create_task(site.get(f"{LIVE}/{name}"))
        await asyncio.sleep(0.2)
        assert not reload.done()
        assert not hinted.done()
        for tag in tags_between(5000, 5400):
            encoder.send(tag)
        status, body, headers = await reload
        assert status == 200
        assert f'URI="{name}"' in body.decode().replace("PRELOAD-HINT", "")
        assert headers["Cache-Control"] == "public, max-age=2"
        status, part_bytes, _ = await hinted
        assert status == 200
        assert part_bytes[4:8] == b"moof"


async def test_a_blocking_reload_for_a_segment_waits_for_all_of_it(tmp_path):
    async with running(tmp_path) as site:
        encoder = await on_air(site)
        reload = asyncio.create_task(site.get(f"{LIVE}/media.m3u8?_HLS_msn=2"))
        for tag in tags_between(5000, 5900):
            encoder.send(tag)
        await encoder.drain()
        await asyncio.sleep(0.2)
        assert not reload.done()
        for tag in tags_between(5900, 6200):
            encoder.send(tag)
        status, body, _ = await reload
        assert status == 200
        assert len(segment_names(body.decode())) == 3


@pytest.mark.parametrize(
    "query",
    ["_HLS_msn=99", "_HLS_msn=2&_HLS_part=40", "_HLS_msn=-1", "_HLS_msn=x", "_HLS_part=1", "_HLS_msn=4"],
)
async def test_senseless_or_far_directives_are_bad_requests(tmp_path, query):
    async with running(tmp_path) as site:
        await on_air(site)
        status, _, headers = await site.get(f"{LIVE}/media.m3u8?{query}")
        assert status == 400
        assert headers["Cache-Control"] == "no-store"


async def test_a_part_that_does_not_come_in_time_is_503_then_404(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        site.server._shows["a"].window.target_duration = 0.1
        msn, part, name = following_part(await site.text(f"{LIVE}/media.m3u8"))
        assert (await site.get(f"{LIVE}/media.m3u8?_HLS_msn={msn}&_HLS_part={part}"))[0] == 503
        assert (await site.get(f"{LIVE}/{name}"))[0] == 404


async def test_while_the_encoder_is_away_the_playlist_stays(tmp_path):
    async with running(tmp_path) as site:
        encoder = await on_air(site)
        await encoder.close()
        await until(lambda: not site.server.describe())
        before = await site.text(f"{LIVE}/media.m3u8")
        assert "#EXT-X-ENDLIST" not in before
        assert following_part(before)[:2] == (3, 0)
        site.server._shows["a"].window.target_duration = 0.1
        status, after, headers = await site.get(f"{LIVE}/media.m3u8?_HLS_msn=3&_HLS_part=0")
        assert status == 200
        assert segment_names(after.decode()) == segment_names(before)
        assert headers["Cache-Control"] == "no-store"


async def test_a_waiting_player_gets_the_first_part_after_the_encoder_is_back(tmp_path):
    async with running(tmp_path) as site:
        encoder = await on_air(site)
        await encoder.close()
        await until(lambda: not site.server.describe())
        reload = asyncio.create_task(site.get(f"{LIVE}/media.m3u8?_HLS_msn=3&_HLS_part=0"))
        await asyncio.sleep(0.1)
        assert not reload.done()
        await site.encoder("key-a", tags_until(1000))
        status, body, _ = await reload
        assert status == 200
        assert "DISCONTINUITY" not in body.decode()
        assert "000003-" in body.decode()


async def test_a_player_that_comes_first_waits_for_the_first_part(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a")
        first = asyncio.create_task(site.get(f"{LIVE}/index.m3u8"))
        plain = asyncio.create_task(site.get(f"{LIVE}/plain.m3u8"))
        await asyncio.sleep(0.1)
        for tag in media():
            encoder.send(tag)
        assert (await first)[0] == 200
        assert (await plain)[0] == 200


async def test_an_ended_show_says_so_for_a_while_then_is_gone(tmp_path):
    async with running(tmp_path, ended_linger=1.0) as site:
        await on_air(site)
        waiting = asyncio.create_task(site.get(f"{LIVE}/media.m3u8?_HLS_msn=2&_HLS_part=6"))
        await asyncio.sleep(0.1)
        assert await site.post("/control/channels/a/stop") == {"stopped": True}
        assert b"#EXT-X-ENDLIST" in (await waiting)[1]
        assert "#EXT-X-ENDLIST" in await site.text(f"{LIVE}/plain.m3u8")
        for name in segment_names(await site.text(f"{LIVE}/media.m3u8")):
            assert (await site.get(f"{LIVE}/{name}"))[0] == 200

        async def is_gone():
            return (await site.get(f"{LIVE}/media.m3u8"))[0] == 404

        await until(is_gone)


async def test_the_window_forgets_old_segments(tmp_path):
    async with running(tmp_path) as site:
        encoder = await site.encoder("key-a")
        for tag in media(30, size="64x64"):
            encoder.send(tag)
        window = (await until(lambda: site.server._shows["a"])).window
        await until(lambda: window.segments and window.segments[-1].msn == 14)
        text = await site.text(f"{LIVE}/media.m3u8")
        first = int(re.search(r"MEDIA-SEQUENCE:(\d+)", text)[1])
        assert len(segment_names(text)) == 6
        assert segment_names(text)[0].startswith(f"{first:06d}-")
        epoch = segment_names(text)[0][6:]
        assert (await site.get(f"{LIVE}/{first - 1:06d}{epoch}"))[0] == 200
        assert (await site.get(f"{LIVE}/000000{epoch}"))[0] == 404


async def test_a_still_picture_is_made_on_demand_and_kept(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        pictures = await asyncio.gather(*(site.get(f"{LIVE}/picture.jpg") for _ in range(5)))
        assert {status for status, _, _ in pictures} == {200}
        assert len({body for _, body, _ in pictures}) == 1
        assert pictures[0][1][:3] == b"\xff\xd8\xff"
        assert pictures[0][2]["Content-Type"] == "image/jpeg"
        assert pictures[0][2]["Cache-Control"] == "public, max-age=8"


async def test_a_failing_ffmpeg_costs_only_the_picture(tmp_path):
    async with running(tmp_path, ffmpeg="/nowhere/ffmpeg") as site:
        await on_air(site)
        assert (await site.get(f"{LIVE}/picture.jpg"))[0] == 404
        assert (await site.get(f"{LIVE}/media.m3u8"))[0] == 200


@pytest.mark.parametrize("path", ["index.m3u8", "media.m3u8", "plain.m3u8", "picture.jpg", "000000-abc.m4s"])
async def test_unknown_channels_are_not_found(tmp_path, path):
    async with running(tmp_path) as site:
        status, _, headers = await site.get(f"/live/nobody/{path}")
        assert status == 404
        assert headers["Cache-Control"] == "no-store"
        assert headers["Access-Control-Allow-Origin"] == "*"


async def test_the_stream_key_is_no_address(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        assert (await site.get("/live/key-a/index.m3u8"))[0] == 404


async def test_other_origins_may_read_as_the_setting_says(tmp_path):
    async with running(tmp_path, allowed_origins=("https://shop.example",)) as site:
        await on_air(site)
        for path in (f"{LIVE}/media.m3u8", f"{LIVE}/nothing.m4s"):
            headers = (await site.get(path, headers={"Origin": "https://shop.example"}))[2]
            assert headers["Access-Control-Allow-Origin"] == "https://shop.example"
            assert headers["Vary"] == "Origin"
            headers = (await site.get(path, headers={"Origin": "https://other.example"}))[2]
            assert "Access-Control-Allow-Origin" not in headers
        preflight = {"Origin": "https://shop.example", "Access-Control-Request-Headers": "range"}
        async with site.http.options(site.url(f"{LIVE}/media.m3u8"), headers=preflight) as response:
            assert response.status == 204
            assert "Range" in response.headers["Access-Control-Allow-Headers"]
            assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"


async def test_head_requests_are_answered(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        name = segment_names(await site.text(f"{LIVE}/media.m3u8"))[0]
        for path in ("media.m3u8", "index.m3u8", name):
            async with site.http.head(site.url(f"{LIVE}/{path}")) as response:
                assert response.status == 200
                assert int(response.headers["Content-Length"]) > 0
                assert await response.read() == b""


async def test_the_server_says_that_it_is_up(tmp_path):
    async with running(tmp_path) as site:
        assert (await site.get("/healthz"))[:2] == (200, b"ok\n")


async def test_recordings_are_served_in_ranges_and_for_ever(tmp_path):
    async with running(tmp_path) as site:
        await on_air(site)
        await site.post("/control/channels/a/stop")
        folder = await site.recorded()
        base = f"/recordings/play-a/{folder.parent.parent.name}/media"
        status, body, headers = await site.get(f"{base}/hls/master.m3u8")
        assert (status, headers["Content-Type"]) == (200, "application/vnd.apple.mpegurl")
        assert headers["Cache-Control"] == "no-cache"
        assert body.decode().splitlines()[-1] == "media.m3u8"
        name = segment_names(await site.text(f"{base}/hls/media.m3u8"))[0]
        whole = (folder / name).read_bytes()
        status, body, headers = await site.get(f"{base}/hls/{name}", headers={"Range": "bytes=100-199"})
        assert (status, body) == (206, whole[100:200])
        assert "immutable" in headers["Cache-Control"]
        assert headers["Access-Control-Allow-Origin"] == "*"

        async def poster():
            status, body, headers = await site.get(f"{base}/thumbnails/thumb0.jpg")
            return status == 200 and body[:3] == b"\xff\xd8\xff" and headers["Content-Type"] == "image/jpeg"

        await until(poster)


@pytest.mark.parametrize(
    "path",
    [
        "/recordings/play-a/SESSION/media/../../../outside.txt",
        "/recordings/play-a/SESSION/media/%2e%2e/%2e%2e/%2e%2e/outside.txt",
        "/recordings/play-a/SESSION/media/hls/..%2f..%2f..%2f..%2foutside.txt",
        "/recordings/..%2f/SESSION/media/hls/master.m3u8",
        "/recordings/play-a/..%2f..%2f/media/hls/master.m3u8",
        "/recordings/.journals/SESSION.jsonl",
        "/recordings/.journals/x/media/hls/master.m3u8",
        "/recordings/play-a/SESSION/media/hls/.media.m3u8.new",
        "/recordings/play-a/SESSION/media/hls/",
        "/recordings/play-a/SESSION/media/hls/%00.m4s",
        "/live/play-a/..%2f..%2foutside.txt",
    ],
)
async def test_nothing_leads_out_of_the_recordings(tmp_path, path):
    recordings = tmp_path / "recordings"
    (tmp_path / "outside.txt").write_text("secret")
    (recordings).mkdir()
    (recordings / "outside.txt").write_text("secret")
    async with running(recordings) as site:
        await on_air(site)
        session = site.server._shows["a"].session_id
        reader, writer = await asyncio.open_connection("127.0.0.1", site.server.http_port)
        line = f"GET {path.replace('SESSION', session)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        writer.write(line.encode())
        answer = await reader.read()
        assert answer.split(b" ", 2)[1] in (b"404", b"400", b"405")
        assert b"secret" not in answer
        writer.close()


async def test_frames_that_come_byte_by_byte_are_served_as_well(tmp_path):
    async with running(tmp_path) as site:
        encoder = await Encoder.connect(site.server.rtmp_port, chunk_size=1)
        await encoder.publish("key-a")
        for tag in media(3, size="64x64"):
            encoder.send(tag)
        await encoder.drain()
        await until(lambda: site.server.describe())
        assert segment_names(await site.text(f"{LIVE}/plain.m3u8"))


def test_the_material_has_a_keyframe_every_two_seconds():
    keys = [tag.time for tag in media(8) if tag.kind == VIDEO and tag.is_key]
    assert [key - keys[0] for key in keys] == [0, 2000, 4000, 6000]
