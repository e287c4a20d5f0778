import pytest

from broadcasts.camera.formats import Format, read_format
from broadcasts.camera.refusals import UnknownFormat


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("video/webm;codecs=h264,opus", Format("matroska", encodes=False)),
        ("video/x-matroska;codecs=avc1,opus", Format("matroska", encodes=False)),
        ('video/mp4; codecs="avc1.42E01E, mp4a.40.2"', Format("mov", encodes=False)),
        ("video/webm;codecs=vp8,opus", Format("matroska", encodes=True)),
        ("video/webm;codecs=vp9,opus", Format("matroska", encodes=True)),
        ("video/mp4;codecs=av01.0.01M.08,opus", Format("mov", encodes=True)),
    ],
)
def test_a_recorders_format_says_what_is_to_be_done(mime, expected):
    assert read_format(mime) == expected


@pytest.mark.parametrize(
    "mime",
    ["", "video/webm", "audio/webm;codecs=opus", "application/x-mpegurl;codecs=avc1", "concat;codecs=h264"],
)
def test_other_formats_are_refused(mime):
    with pytest.raises(UnknownFormat):
        read_format(mime)


def test_encoding_takes_more_places():
    assert [read_format(f"video/webm;codecs={codec}").places for codec in ("h264", "vp8")] == [1, 4]
