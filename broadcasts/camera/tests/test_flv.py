import pytest

from broadcasts.camera.flv import AUDIO, SCRIPT, VIDEO, FlvReader, NotFlv
from broadcasts.ingest.tests.support import FFMPEG, parse_flv, run


@pytest.fixture(scope="module")
def film():
    return run(
        [
            *(FFMPEG, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", "-f", "lavfi"),
            *("-i", "sine", "-t", "1", "-c:v", "libx264", "-c:a", "aac", "-f", "flv", "pipe:1"),
        ]
    )


@pytest.mark.parametrize("portion", [1, 7, 1000, 1 << 20])
def test_tags_are_the_same_however_the_bytes_come(film, portion):
    reader = FlvReader()
    pieces = [film[start : start + portion] for start in range(0, len(film), portion)]
    tags = [tag for piece in pieces for tag in reader.feed(piece)]
    assert [(tag.kind, tag.timestamp, tag.payload) for tag in tags] == [
        (tag.kind, tag.time, tag.payload) for tag in parse_flv(film)
    ]
    assert {tag.kind for tag in tags} == {AUDIO, VIDEO, SCRIPT}


def test_a_long_show_outgrows_three_bytes_of_time():
    header = b"FLV" + bytes(10)
    tag = bytes([VIDEO, 0, 0, 2, 0x00, 0x00, 0x05, 0x01, 0, 0, 0]) + b"ab" + bytes(4)
    (found,) = FlvReader().feed(header + tag)
    assert (found.timestamp, found.payload) == (1 << 24 | 5, b"ab")


def test_anything_else_is_refused():
    with pytest.raises(NotFlv):
        list(FlvReader().feed(b"RIFF" + bytes(20)))
