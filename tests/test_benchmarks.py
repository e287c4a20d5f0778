"""What the benchmarks make of what they see; that they run is shown by running them."""

import asyncio
import time

import aiohttp
import pytest

from benchmarks.latency import seen
from benchmarks.parts.buyers import GIVES_UP_AFTER, Result, SoldOut, do
from benchmarks.parts.film import Tag
from benchmarks.parts.part_viewer import PartViewer
from benchmarks.parts.plain_ladder import Took
from benchmarks.parts.rtmp_load import Encoder
from benchmarks.transcode import FULL, Ours, figures_of
from devtools.problem import Problem

PLAYING_AT = 1_000_000
Samples = list[tuple[int, int | None]]


def watched(seconds: float, age_ms: int = 1500) -> Samples:
    """Ten samples a second of a picture that is always as old."""
    times = range(PLAYING_AT, PLAYING_AT + round(seconds * 1000), 100)
    return [(when, when - age_ms) for when in times]


def test_ages_are_those_after_the_warm_up() -> None:
    begin = watched(5, age_ms=9000)
    rest: Samples = [
        (PLAYING_AT + 5000 + n * 100, PLAYING_AT + 5000 + n * 100 - (n + 1) * 10) for n in range(100)
    ]
    result = seen(openedAt=PLAYING_AT - 800, playingAt=PLAYING_AT, samples=begin + rest, waits=[])
    assert (result.p50, result.p95, result.worst) == (0.51, 0.96, 1.0)
    assert (result.samples, result.seconds, result.first_frame) == (100, 9.9, 0.8)


def test_frames_without_a_readable_clock_are_counted_apart() -> None:
    samples = watched(10)
    samples[70] = (samples[70][0], None)
    result = seen(openedAt=PLAYING_AT, playingAt=PLAYING_AT, samples=samples, waits=[])
    assert (result.samples, result.unreadable, result.p50, result.stalls) == (49, 1, 1.5, 0)


def test_a_picture_without_a_clock_is_a_problem() -> None:
    samples: Samples = [(when, None) for when, _ in watched(10)]
    with pytest.raises(Problem, match="could not be read"):
        seen(openedAt=PLAYING_AT, playingAt=PLAYING_AT, samples=samples, waits=[])


def test_a_frozen_picture_is_one_stall_however_long_and_one_that_moves_slowly_is_none() -> None:
    samples = watched(20)
    for n in range(60, 90):
        samples[n] = (samples[n][0], samples[60][1])
    for n in range(120, 124):
        samples[n] = (samples[n][0], samples[120][1])
    assert seen(openedAt=PLAYING_AT, playingAt=PLAYING_AT, samples=samples, waits=[]).stalls == 1


def test_a_freeze_that_the_player_reports_too_is_one_stall() -> None:
    samples = watched(20)
    for n in range(60, 70):
        samples[n] = (samples[n][0], samples[60][1])
    waits = [PLAYING_AT + 6050, PLAYING_AT + 12_000]
    assert seen(openedAt=PLAYING_AT, playingAt=PLAYING_AT, samples=samples, waits=waits).stalls == 2


def test_a_tag_is_sent_with_the_time_of_its_round() -> None:
    tag = Tag(time_ms=33, is_video=True, head=b"\x06", tail=b"rest")
    assert tag.at(8033) == b"\x06\x00\x1f\x61rest"


FIRST = """#EXTM3U
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PART:DURATION=0.300,URI="0.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.300,URI="0.1.m4s"
"""
THEN = """#EXTM3U
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PART:DURATION=0.300,URI="0.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.300,URI="0.1.m4s"
#EXT-X-PART:DURATION=0.100,URI="0.2.m4s"
#EXTINF:0.700,
0.m4s
#EXT-X-PART:DURATION=0.300,URI="1.0.m4s",INDEPENDENT=YES
"""
LATER = """#EXTM3U
#EXT-X-MEDIA-SEQUENCE:1
#EXTINF:2.000,
1.m4s
#EXT-X-PART:DURATION=0.300,URI="2.0.m4s",INDEPENDENT=YES
"""


async def test_a_viewer_knows_where_each_new_part_ends_in_the_stream() -> None:
    async with aiohttp.ClientSession() as session:
        viewer = PartViewer(session, "http://127.0.0.1/live/x/index.m3u8", encoder=None)  # type: ignore[arg-type]
        viewer.task.cancel()
        assert viewer.new_parts(FIRST) == [(300, "0.0.m4s"), (600, "0.1.m4s")]
        assert viewer.new_parts(FIRST) == []
        assert viewer.new_parts(THEN) == [(700, "0.2.m4s"), (1000, "1.0.m4s")]
        assert viewer.new_parts(LATER) == [(3000, "2.0.m4s")]


async def test_an_encoder_knows_when_the_last_frame_of_a_part_was_sent() -> None:
    encoder = Encoder(film=None, application="live", key="key", server="")  # type: ignore[arg-type]
    encoder.published.cancel()
    encoder.frame_times, encoder.sent_at = [0, 33, 67, 100], [10.0, 10.033, 10.067, 10.1]
    assert [encoder.sent(end) for end in (0, 1, 67, 100, 300)] == [None, 10.0, 10.033, 10.067, 10.1]
    await asyncio.sleep(0)


def test_a_transcode_is_compared_with_the_plain_command_of_the_same_round() -> None:
    ours = [Ours(1.5, Took(30, 40, 700)), Ours(1.0, Took(60, 41, 650)), Ours(2.0, Took(33, 42, 600))]
    peer = [Took(30, 40, 400), Took(50, 40, 410), Took(30, 40, 405)]
    figures = figures_of(FULL, ours, peer)
    assert figures["wall_ratio"] == 1.1
    assert figures["cpu_ratio"] == 41 / 40
    assert (figures["first_playable_s"], figures["ladder_s"], figures["peer_ladder_s"]) == (1.5, 33, 30)
    assert (figures["peak_mib"], figures["peer_peak_mib"]) == (700, 410)


def test_without_a_peer_there_are_no_ratios() -> None:
    figures = figures_of(FULL, [Ours(1.5, Took(30, 40, 700))], [])
    assert (figures["wall_ratio"], figures["peer_ladder_s"], figures["ladder_s"]) == (None, None, 30)


def test_a_buyer_stops_when_nothing_is_left() -> None:
    left = 3

    def buy() -> None:
        nonlocal left
        if left == 0:
            raise SoldOut
        left -= 1

    told = do(buy, time.monotonic(), time.monotonic() + 60)
    assert (len(told["times_ms"]), told["refused"], told["errors"]) == (3, GIVES_UP_AFTER, {})


def test_what_goes_wrong_while_buying_is_told() -> None:
    def buy() -> None:
        raise ValueError("no")

    told = do(buy, time.monotonic(), time.monotonic() + 60)
    assert told["errors"] == {"ValueError: no": GIVES_UP_AFTER}


def test_orders_are_counted_over_the_time_of_all() -> None:
    result = Result(times_ms=[float(n) for n in range(1, 201)], refused=0, errors={}, seconds=4)
    assert (result.per_second, result.percentile(50), result.percentile(99)) == (50, 101, 199)
