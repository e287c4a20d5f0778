"""What is told about the quality of a stream, on a clock of the test's own."""

from pathlib import Path

from broadcasts.ingest.config import Config
from broadcasts.ingest.health import BITRATE_HIGH, KEYFRAME_INTERVAL, STARVATION, Health

CONFIG = Config(recordings=Path("unused"), max_bitrate=1_000_000)


class Clock:
    """Plays a stream to Health and collects the changes."""

    def __init__(self):
        self.now = 100.0
        self.dts = 0
        self.health = Health(CONFIG, self.now)
        self.changes = []

    def run(self, seconds, *, fps=30, keyframe_ms=2000, bitrate=500_000, pace=1.0):
        for _ in range(round(seconds * fps * pace)):
            self.health.received(round(bitrate / 8 / fps / pace))
            self.health.video(self.dts, self.dts % keyframe_ms == 0)
            self.dts += 1000 // fps
            self.now += 1 / fps / pace
            if int(self.now * 2) != int((self.now - 1 / fps / pace) * 2):
                self.changes += self.health.tick(self.now)

    def wait(self, seconds):
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            self.changes += self.health.tick(self.now)

    @property
    def told(self):
        return [(change.code, change.kind) for change in self.changes]


def test_a_good_stream_is_not_talked_about():
    clock = Clock()
    clock.run(30, fps=25)
    assert clock.told == []
    assert clock.health.fps == 25
    assert abs(clock.health.bitrate - 500_000) < 20_000
    assert clock.health.keyframe_ms == 2000


def test_distant_keyframes_are_told_before_the_next_one_comes():
    clock = Clock()
    clock.run(6, fps=25, keyframe_ms=8000)
    assert clock.told == [(KEYFRAME_INTERVAL, "begins")]
    assert 4000 < clock.changes[0].value <= 5000
    clock.run(11, fps=25, keyframe_ms=8000)
    assert len(clock.told) == 1
    assert clock.health.keyframe_ms == 8000


def test_close_keyframes_end_the_complaint():
    clock = Clock()
    clock.run(16, fps=25, keyframe_ms=8000)
    clock.run(6, fps=25, keyframe_ms=2000)
    assert clock.told == [(KEYFRAME_INTERVAL, "begins"), (KEYFRAME_INTERVAL, "ends")]
    assert clock.changes[1].value == 2000


def test_a_bitrate_above_the_limit_is_told_once():
    clock = Clock()
    clock.run(8, fps=25, bitrate=1_500_000)
    assert clock.told == [(BITRATE_HIGH, "begins")]
    assert clock.changes[0].value > 1_000_000
    assert BITRATE_HIGH in clock.health.codes
    assert not clock.health.is_flooding
    clock.run(8, fps=25, bitrate=500_000)
    assert clock.told[1:] == [(BITRATE_HIGH, "ends")]


def test_a_burst_of_a_moment_is_no_breach():
    clock = Clock()
    clock.run(10, fps=25)
    clock.run(1, fps=25, bitrate=2_000_000)
    clock.run(5, fps=25)
    assert clock.told == []


def test_a_flood_is_recognised():
    clock = Clock()
    clock.run(8, fps=25, bitrate=4_000_000)
    assert clock.health.is_flooding


def test_a_stream_slower_than_life_starves_and_recovers():
    clock = Clock()
    clock.run(6, fps=25)
    clock.run(8, fps=25, pace=0.5)
    assert clock.told == [(STARVATION, "begins")]
    clock.run(8, fps=25)
    assert clock.told[1:] == [(STARVATION, "ends")]


def test_a_stream_that_stops_starves():
    clock = Clock()
    clock.run(6, fps=25)
    clock.wait(4)
    assert clock.told == [(STARVATION, "begins")]
