import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ladder import (
    LAST_PICTURE_MS,
    LONGEST_SIDE,
    ladder,
    output_fps,
    playable_as_is,
    poster_count,
    storyboard,
)
from media_pipeline.probing.facts import VideoFacts

FACTS = VideoFacts(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    codec="h264",
    pixel_format="yuv420p",
    bit_depth=8,
    is_hdr=False,
    is_interlaced=False,
    width=1920,
    height=1080,
    rotation=0,
    fps=30,
    is_variable_rate=False,
    duration_ms=60_000,
    video_bitrate_bps=8_000_000,
    keyframe_ms=2000,
    audio_codec="aac",
    video_streams=1,
    audio_streams=1,
    other_streams=0,
)
sides = st.integers(32, 8192)


def sizes(width, height):
    return {rendition.name: (rendition.width, rendition.height) for rendition in ladder(width, height, 30)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ((1920, 1080), {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        ((1080, 1920), {"1080p": (1080, 1920), "720p": (720, 1280), "480p": (480, 854), "360p": (360, 640)}),
        ((3840, 2160), {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        ((1280, 720), {"720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        ((720, 720), {"720p": (720, 720), "480p": (480, 480), "360p": (360, 360)}),
        ((320, 180), {"180p": (320, 180)}),
        ((321, 181), {"180p": (320, 180)}),
        ((8000, 1000), {"512p": (4096, 512), "480p": (3840, 480), "360p": (2880, 360)}),
    ],
)
def test_common_sources(source, expected):
    assert sizes(*source) == expected


@given(sides, sides)
def test_sides_are_even_and_never_above_the_source(width, height):
    renditions = ladder(width, height, 30)
    assert 1 <= len(renditions) <= 4
    for rendition in renditions:
        assert rendition.width % 2 == rendition.height % 2 == 0
        assert 2 <= rendition.width <= min(width, LONGEST_SIDE)
        assert 2 <= rendition.height <= min(height, LONGEST_SIDE)


@given(sides, sides)
def test_renditions_go_down_in_size_and_bits_under_names_of_their_own(width, height):
    renditions = ladder(width, height, 30)
    heights = [rendition.height for rendition in renditions]
    bits = [rendition.max_bitrate_bps for rendition in renditions]
    assert heights == sorted(set(heights), reverse=True)
    assert bits == sorted(set(bits), reverse=True)
    assert len({rendition.name for rendition in renditions}) == len(renditions)


@given(st.integers(360, 8192), st.floats(1, 4))
def test_the_aspect_stays_within_one_percent(height, aspect):
    width = min(round(height * aspect), 8192)
    for rendition in ladder(width, height, 30):
        assert rendition.width / rendition.height == pytest.approx(width / height, rel=0.01)


@given(sides, sides)
def test_a_turned_picture_has_the_turned_ladder(width, height):
    assert [(r.width, r.height) for r in ladder(width, height, 30)] == [
        (r.height, r.width) for r in ladder(height, width, 30)
    ]


def test_more_frames_may_take_more_bits():
    assert ladder(1920, 1080, 60)[0].max_bitrate_bps == 7_500_000
    assert ladder(1920, 1080, 30)[0].max_bitrate_bps == 5_000_000


@given(st.floats(0.1, 240))
def test_the_rate_is_the_sources_or_a_whole_part_of_it(fps):
    assert output_fps(fps) <= 60
    assert fps / output_fps(fps) in (1, 2, 4)


@given(st.integers(1, 1_300_000))
def test_pictures_are_few_far_enough_apart_and_before_the_end(duration_ms):
    count, interval = storyboard(duration_ms)
    assert 1 <= count <= 100
    assert interval >= 2000
    assert interval % 1000 == 0
    assert (count - 1) * interval <= max(0, duration_ms - LAST_PICTURE_MS)
    posters = poster_count(duration_ms)
    assert 1 <= posters <= 5
    assert (posters - 1) * duration_ms / posters <= max(0, duration_ms - LAST_PICTURE_MS)


def test_what_browsers_play_as_it_is():
    assert playable_as_is(FACTS)


@pytest.mark.parametrize(
    "difference",
    [
        {"codec": "hevc"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuv444p"},
        {"rotation": 90},
        {"is_interlaced": True},
        {"width": 3840, "height": 2160},
        {"video_bitrate_bps": 12_000_001},
        {"keyframe_ms": 10_001},
        {"audio_codec": "opus"},
    ],
)
def test_what_they_do_not(difference):
    assert not playable_as_is(VideoFacts(**{**FACTS.__dict__, **difference}))
