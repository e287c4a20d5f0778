"""Parts and segments from made-up frames: what matters here is time."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.ingest import packager as packager_module
from broadcasts.ingest.codecs import AudioConfig, VideoConfig
from broadcasts.ingest.config import Config
from broadcasts.ingest.packager import Packager
from broadcasts.ingest.refusals import Refused

CONFIG = Config(recordings=Path("unused"))
PICTURE = VideoConfig(b"\x01\x64\x00\x1f\xff\xe0\x00", "avc1.64001f", 1280, 720, 30.0)
LARGER = VideoConfig(b"\x01\x64\x00\x28\xff\xe0\x00", "avc1.640028", 1920, 1080, 30.0)
SOUND = AudioConfig(b"\x11\x90", "mp4a.40.2", 48000, 2, 1024)
OTHER_SOUND = AudioConfig(b"\x12\x10", "mp4a.40.2", 44100, 2, 1024)
DATA = memoryview(b"\x00\x00\x00\x01\x65")


class Output:
    def __init__(self):
        self.segments = []

    def segment_begun(self, segment):
        self.segments.append(segment)

    def part_added(self, segment, part):
        assert segment is self.segments[-1]

    def segment_ended(self, segment):
        assert segment is self.segments[-1]

    @property
    def parts(self):
        return [part for segment in self.segments for part in segment.parts]


def boxes(data, start=0, end=None):
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start + 8, start + size
        start += size


def samples(parts):
    """(track, dts, duration, offset, key) of every sample, read back from the fragments."""
    found = []
    for part in parts:
        movie_fragments = [box for box in boxes(part.data) if box[0] == b"moof"]
        for _, moof, moof_end in movie_fragments:
            tracks = [box for box in boxes(part.data, moof, moof_end) if box[0] == b"traf"]
            for _, start, end in tracks:
                inner = {name: begin for name, begin, _ in boxes(part.data, start, end)}
                track = struct.unpack_from(">I", part.data, inner[b"tfhd"] + 4)[0]
                dts = struct.unpack_from(">Q", part.data, inner[b"tfdt"] + 4)[0]
                flags, count = struct.unpack_from(">II", part.data, inner[b"trun"])
                row = ">IIIi" if flags & 0x800 else ">III"
                for index in range(count):
                    values = struct.unpack_from(
                        row, part.data, inner[b"trun"] + 12 + index * struct.calcsize(row)
                    )
                    offset = values[3] if len(values) > 3 else 0
                    found.append((track, dts, values[0], offset, not values[2] & 0x10000))
                    dts += values[0]
    return found


def assert_contiguous(parts):
    for track in (1, 2):
        rows = [row for row in samples(parts) if row[0] == track]
        for before, after in zip(rows, rows[1:], strict=False):
            assert before[1] + before[2] == after[1], (before, after)
            assert before[2] > 0


def assert_part_rules(output):
    """RFC 8216bis 4.4.4.9: no part above the target; none below 85 % of it but a segment's last."""
    for segment in output.segments:
        for part in segment.parts:
            assert 0 < part.duration_ms <= CONFIG.part_ms
            assert samples([part])
        for part in segment.parts[:-1]:
            assert part.duration_ms >= 0.85 * CONFIG.part_ms
        assert segment.duration_ms == sum(part.duration_ms for part in segment.parts)
    for before, after in zip(output.segments, output.segments[1:], strict=False):
        assert before.start_ms + before.duration_ms == after.start_ms
        assert before.msn + 1 == after.msn


def repeat(times, act):
    for index in range(times):
        act(index)


def make(sound=SOUND, **options):
    output = Output()
    packager = Packager(output, CONFIG, epoch="abc", **options)
    packager.configure(PICTURE, sound)
    return packager, output


def play(packager, *, start=0, seconds=4.0, fps=30, gop=60, sound=True, offset=0):
    """Frames in the order in which an encoder interleaves them."""
    frames = [(start + round(index * 1000 / fps), 0, index) for index in range(round(seconds * fps))]
    if sound:
        frames += [(start + index * 1024 // 48, 1, index) for index in range(round(seconds * 48000 / 1024))]
    for time, track, index in sorted(frames):
        if track == 0:
            packager.video(time, offset, index % gop == 0, DATA)
        else:
            packager.audio(time, DATA)


def test_two_second_groups_make_segments_of_seven_parts():
    packager, output = make()
    play(packager, seconds=4.1)
    assert [part.duration_ms for part in output.segments[0].parts] == [300] * 6 + [200]
    assert [segment.duration_ms for segment in output.segments[:2]] == [2000, 2000]
    assert [part.independent for part in output.segments[0].parts] == [True] + [False] * 6
    assert_part_rules(output)


@pytest.mark.parametrize("fps", [5, 10, 15, 24, 25, 29.97, 30, 50, 59.94, 60])
@pytest.mark.parametrize("sound", [True, False])
def test_parts_follow_the_rules_at_every_frame_rate(fps, sound):
    packager, output = make(SOUND if sound else None)
    play(packager, seconds=5, fps=fps, gop=round(2 * fps), sound=sound)
    packager.flush()
    assert_part_rules(output)
    assert_contiguous(output.parts)
    assert abs(packager.end_ms - 5000) <= 1000 / fps + 1


def test_short_groups_are_joined_to_segments_of_a_second():
    packager, output = make()
    play(packager, seconds=4.05, gop=12)
    assert [segment.duration_ms for segment in output.segments[:3]] == [1200, 1200, 1200]
    assert all(segment.independent for segment in output.segments)
    assert any(part.independent for part in output.segments[0].parts[1:])


def test_a_segment_is_cut_without_a_keyframe_after_ten_seconds():
    packager, output = make()
    play(packager, seconds=25, gop=10_000)
    assert [segment.independent for segment in output.segments] == [True, False, False]
    assert output.segments[0].duration_ms == 10_000
    assert_part_rules(output)


def test_presentation_offsets_of_b_frames_are_kept():
    packager, output = make()
    play(packager, seconds=2.5, offset=67)
    assert {row[3] for row in samples(output.parts) if row[0] == 1} == {67}


def test_the_track_keeps_every_frame_and_its_time():
    packager, output = make()
    play(packager, seconds=3)
    packager.flush()
    times = [row[1] for row in samples(output.parts) if row[0] == 1]
    assert times == [round(index * 1000 / 30) for index in range(90)]
    sounds = [row for row in samples(output.parts) if row[0] == 2]
    assert {row[2] for row in sounds} == {1024}
    assert len(sounds) == 141


def test_dropped_video_frames_leave_parts_of_sound_only():
    """OBS drops frames up to the next keyframe when the upload is too slow; the sound goes on."""
    packager, output = make()
    for time in range(0, 6000, 20):
        if time % 40 == 0 and not 1000 < time < 2600:
            packager.video(time, 0, time % 2000 in (0, 600), DATA)
        packager.audio(time, DATA)
    packager.flush()
    assert_part_rules(output)
    assert_contiguous(output.parts)
    assert packager.end_ms == 6000
    assert any({row[0] for row in samples([part])} == {2} for part in output.parts)


def test_a_pause_of_both_tracks_is_closed_up():
    packager, output = make()
    play(packager, seconds=2)
    play(packager, start=7000, seconds=2)
    packager.flush()
    assert_part_rules(output)
    assert_contiguous(output.parts)
    assert 4000 <= packager.end_ms <= 4700


def test_sound_and_picture_stay_together_after_a_pause():
    packager, output = make()
    play(packager, seconds=2)
    play(packager, start=7000, seconds=2)
    packager.flush()
    rows = samples(output.parts)
    video_at = [row[1] for row in rows if row[0] == 1][60]
    audio_at = [row[1] / 48 for row in rows if row[0] == 2]
    assert min(abs(time - video_at) for time in audio_at) <= 50
    assert abs(audio_at[-1] - [row[1] for row in rows if row[0] == 1][-1]) <= 80


def test_sound_that_stops_is_replaced_by_silence():
    packager, output = make()
    play(packager, seconds=2)
    play(packager, start=2000, seconds=4, sound=False)
    packager.flush()
    assert_contiguous(output.parts)
    sounds = [row for row in samples(output.parts) if row[0] == 2]
    assert sounds[-1][1] / 48 > 5500


def test_a_clock_that_drifts_apart_is_followed():
    packager, output = make()
    for index in range(300):
        packager.video(index * 33, 0, index % 60 == 0, DATA)
        packager.audio(index * 33, DATA)
        if index % 2:
            packager.audio(index * 33 + 16, DATA)
    packager.flush()
    assert_contiguous(output.parts)
    sounds = [row for row in samples(output.parts) if row[0] == 2]
    assert abs(sounds[-1][1] / 48 - 299 * 33) < 100


def test_the_next_connection_goes_on_where_the_last_ended():
    packager, output = make()
    play(packager, seconds=2.5)
    packager.flush()
    end = packager.end_ms
    packager.configure(PICTURE, SOUND)
    play(packager, start=987_654, seconds=2.5)
    packager.flush()
    assert_contiguous(output.parts)
    assert_part_rules(output)
    assert not any(segment.discontinuity for segment in output.segments)
    assert packager.end_ms == pytest.approx(2 * end, abs=2)


@pytest.mark.parametrize("change", [(LARGER, SOUND), (PICTURE, OTHER_SOUND), (PICTURE, None)])
def test_other_codecs_make_a_discontinuity_on_the_same_timeline(change):
    packager, output = make()
    play(packager, seconds=2.5)
    packager.configure(*change)
    play(packager, start=2500, seconds=2, sound=change[1] is not None)
    packager.flush()
    assert [segment.discontinuity for segment in output.segments] == [False, False, True]
    assert_part_rules(output)
    assert output.segments[2].init.name != output.segments[1].init.name


def test_sound_that_comes_later_begins_in_place():
    packager, output = make(None)
    play(packager, seconds=4, sound=False)
    packager.configure(PICTURE, SOUND)
    play(packager, start=4000, seconds=2)
    packager.flush()
    first = next(row for row in samples(output.parts) if row[0] == 2)
    assert first[1] / 48 == pytest.approx(4000, abs=60)


def test_a_resumed_session_continues_numbers_and_time():
    packager, output = make()
    play(packager, seconds=4.5)
    packager.flush()
    resumed, more = make(last=output.segments[-1])
    play(resumed, start=55, seconds=2.5)
    resumed.flush()
    assert more.segments[0].msn == output.segments[-1].msn + 1
    assert_contiguous([*output.parts, *more.parts])


def test_frames_before_the_first_keyframe_are_dropped():
    packager, output = make()
    packager.audio(0, DATA)
    packager.video(0, 0, False, DATA)
    assert output.segments == []


def test_an_endless_part_is_refused():
    packager, _ = make()
    packager.video(0, 0, True, DATA)
    megabyte = memoryview(bytes(1 << 20))
    with pytest.raises(Refused) as error:
        repeat(100, lambda _: packager.video(0, 0, False, megabyte))
    assert error.value.code == "bitrate_high"


def test_sound_without_picture_is_refused_in_bounded_time():
    packager, _ = make()
    packager.video(0, 0, True, DATA)
    with pytest.raises(Refused) as error:
        repeat(3000, lambda index: packager.audio(index * 21, DATA))
    assert error.value.code == "no_video"


def test_program_date_time_runs_with_the_media(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(packager_module.time, "time", lambda: now[0])
    packager, output = make()
    for index in range(150):
        now[0] = 1_000 + index / 30 + (0.2 if index % 7 else 0)
        packager.video(round(index * 1000 / 30), 0, index % 60 == 0, DATA)
    assert [round(segment.wall_time - 1_000, 3) for segment in output.segments] == [0, 2, 4]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 1, 1, 2, 2]), st.integers(-40, 400), st.integers(0, 9)),
        min_size=5,
        max_size=250,
    ),
    st.booleans(),
)
def test_any_timing_gives_a_lawful_stream(steps, sound):
    packager, output = make(SOUND if sound else None)
    time = 0
    packager.video(time, 0, True, DATA)
    for track, step, dice in steps:
        time += step
        if track == 1:
            packager.video(time, 0, dice == 0, DATA)
        else:
            packager.audio(time, DATA)
    packager.flush()
    assert_part_rules(output)
    assert_contiguous(output.parts)
