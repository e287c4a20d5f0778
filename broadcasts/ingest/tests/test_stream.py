"""FLV tags and clocks, without a network."""

import contextlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.ingest.config import Config
from broadcasts.ingest.packager import Packager
from broadcasts.ingest.refusals import Refused
from broadcasts.ingest.stream import Clock, Stream

from .support import AUDIO, VIDEO, media

CONFIG = Config(recordings=Path("unused"))


class FakeShow:
    """A show whose packager works, and whose pieces go nowhere."""

    def __init__(self):
        self.started = self.frames = 0
        self.refused = []
        packager = Packager(self, CONFIG, epoch="x")
        self.configure, self.video, self.audio = packager.configure, packager.video, packager.audio

    def segment_begun(self, segment):
        pass

    def part_added(self, segment, part):
        self.frames += 1

    segment_ended = segment_begun

    def stream_started(self, stream):
        self.started += 1

    def stream_closed(self, stream):
        pass

    def stream_refused(self, stream, refused):
        self.refused.append(refused.code)


def feed(stream, tag, payload=None):
    act = {VIDEO: stream.video, AUDIO: stream.audio}.get(tag.kind)
    if act:
        act(tag.time, bytearray(tag.payload if payload is None else payload))


def test_the_clock_wraps_around():
    clock = Clock()
    assert [clock.read(raw, "video") for raw in (2**32 - 40, 2**32 - 7, 26, 59)] == [0, 33, 66, 99]


def test_the_clock_takes_a_reset_for_a_small_step():
    clock = Clock()
    assert [clock.read(raw, "video") for raw in (5000, 5033, 0, 33)] == [0, 33, 66, 99]
    assert [clock.read(raw, "video") for raw in (900_000, 900_033)] == [132, 165]


def test_the_clock_lets_tracks_be_a_little_out_of_order():
    clock = Clock()
    tracks = ("audio", "video", "audio", "video")
    read = [clock.read(raw, track) for raw, track in zip((1000, 1200, 1100, 1300), tracks, strict=True)]
    assert read == [0, 200, 100, 300]


def test_both_tracks_follow_a_reset_together():
    clock = Clock()
    steps = [(2000, "video"), (2010, "audio"), (0, "video"), (10, "audio"), (33, "video")]
    assert [clock.read(raw, track) for raw, track in steps] == [0, 10, 43, 53, 76]


async def test_a_stream_starts_when_both_codecs_are_known():
    show = FakeShow()
    stream = Stream(show, CONFIG, "st-1")
    for tag in media(2):
        feed(stream, tag)
        if tag.kind == VIDEO and not tag.is_config and not show.started:
            assert not stream.started
    assert show.started == 1


async def test_sound_that_never_comes_is_not_waited_for_long():
    show = FakeShow()
    stream = Stream(show, CONFIG, "st-1")
    for tag in media(2):
        if tag.kind == VIDEO:
            feed(stream, tag)
    assert show.started == 1
    assert show.frames > 2


@settings(max_examples=150, deadline=None)
@given(st.data())
async def test_damaged_tags_are_dropped_or_refused_and_nothing_worse(data):
    show = FakeShow()
    stream = Stream(show, CONFIG, "st-1")
    tags = [tag for tag in media(2) if tag.kind in (VIDEO, AUDIO)]
    damaged = data.draw(st.sets(st.integers(0, len(tags) - 1), max_size=6))
    for index, tag in enumerate(tags):
        payload = None
        if index in damaged:
            payload = data.draw(st.binary(min_size=1, max_size=40) | st.just(tag.payload[:3]))
            stream.metadata({"width": data.draw(st.none() | st.text() | st.floats())})
        with contextlib.suppress(Refused):
            feed(stream, tag, payload)
        if show.refused:
            return  # the connection would be closed now
