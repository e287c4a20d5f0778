import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.ingest.codecs import parse_audio_config, parse_video_config
from broadcasts.ingest.fmp4 import init_segment
from broadcasts.ingest.refusals import Refused

from .support import AUDIO, VIDEO, media


def record_of(tags, kind):
    tag = next(tag for tag in tags if tag.kind == kind and tag.is_config)
    return tag.payload[5:] if kind == VIDEO else tag.payload[2:]


@pytest.mark.parametrize(
    ("size", "options", "profile"),
    [
        ("1920x1080", "-profile:v high", "64"),  # 1088 lines, cropped
        ("1280x720", "-profile:v main", "4d"),
        ("720x1280", "-profile:v baseline", "42"),
        ("426x240", "-profile:v high -x264-params cqm=jvt", "64"),  # with scaling lists
        ("362x204", "-flags +ildct+ilme -x264-params tff=1 -profile:v high", "64"),  # interlaced and cropped
    ],
)
def test_the_size_and_speed_of_h264_are_read(size, options, profile):
    config = parse_video_config(
        record_of(media(1, size=size, video=f"-c:v libx264 -preset superfast {options}", audio="-an"), VIDEO)
    )
    assert f"{config.width}x{config.height}" == size
    assert config.fps == 30
    assert config.codec.startswith(f"avc1.{profile}")


@pytest.mark.parametrize("colours", ["yuv444p", "yuv422p", "yuv420p10le"])
def test_h264_that_browsers_cannot_show_is_refused(colours):
    record = record_of(media(1, video=f"-c:v libx264 -pix_fmt {colours}", audio="-an"), VIDEO)
    with pytest.raises(Refused) as error:
        parse_video_config(record)
    assert error.value.code == "unsupported_video_codec"


@pytest.mark.parametrize(("rate", "channels"), [(48000, 2), (44100, 1), (22050, 2)])
def test_aac_is_read(rate, channels):
    config = parse_audio_config(record_of(media(1, audio=f"-c:a aac -ar {rate} -ac {channels}"), AUDIO))
    assert (config.sample_rate, config.channels, config.frame_samples) == (rate, channels, 1024)
    assert config.codec == "mp4a.40.2"


def test_high_efficiency_aac_counts_at_its_core_rate():
    """Object type 5, 24 kHz core, stereo, extended to 48 kHz, core of type 2."""
    config = parse_audio_config(bytes.fromhex("2b118800"))
    assert (config.codec, config.sample_rate, config.channels) == ("mp4a.40.5", 24000, 2)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (b"", "unreadable_stream"),
        (b"\x11", "unreadable_stream"),
        (bytes.fromhex("0a10"), "unsupported_audio_codec"),  # AAC Main
        (bytes.fromhex("f94e5000"), "unsupported_audio_codec"),  # some object type above 31
        (bytes.fromhex("1180"), "unreadable_stream"),  # no channels
    ],
)
def test_other_sound_is_refused(record, code):
    with pytest.raises(Refused) as error:
        parse_audio_config(record)
    assert error.value.code == code


def test_equal_configurations_make_equal_init_segments():
    tags = media(1)
    video, audio = parse_video_config(record_of(tags, VIDEO)), parse_audio_config(record_of(tags, AUDIO))
    assert init_segment(video, audio) == init_segment(video, audio) != init_segment(video, None)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_damaged_records_are_refused_and_nothing_worse(raw):
    for parse in (parse_audio_config, parse_video_config):
        with contextlib.suppress(Refused):
            parse(raw)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_h264_record_is_read_or_refused(data):
    record = bytearray(record_of(media(1), VIDEO))
    for _ in range(data.draw(st.integers(1, 4))):
        record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refused):
        config = parse_video_config(bytes(record))
        assert init_segment(config, None)


def test_a_monstrous_record_costs_nothing():
    with pytest.raises(Refused):
        parse_video_config(b"\x01\x42\x00\x1f\xff\xe1\xff\xff\x67" + bytes(1 << 20))
