"""What browsers record: WebM that says nothing of its length."""

import subprocess

import imageio_ffmpeg
import pytest

from media_pipeline.probing import inspect, last_clusters
from media_pipeline.probing.looking import look
from media_pipeline.probing.range_reader import ReadTooMuch

SECONDS = 20


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Twenty seconds in clusters of two thirds of a second, written into a pipe as a recorder writes."""
    path = tmp_path_factory.mktemp("recordings") / "recording.webm"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    command += ["-f", "lavfi", "-t", str(SECONDS), "-i", "testsrc2=s=320x180:r=30"]
    command += ["-f", "lavfi", "-t", str(SECONDS), "-i", "sine"]
    command += [
        "-c:v",
        "libvpx",
        "-deadline",
        "realtime",
        "-g",
        "20",
        "-c:a",
        "libopus",
        "-f",
        "webm",
        "pipe:1",
    ]
    with path.open("wb") as file:
        subprocess.run(command, check=True, stdout=file, timeout=60)
    return path


class Counted:
    """A file that counts what is read of it."""

    def __init__(self, file):
        self.file, self.count = file, 0
        self.seek, self.tell = file.seek, file.tell

    def read(self, size=-1):
        content = self.file.read(size)
        self.count += len(content)
        return content


@pytest.fixture
def little(monkeypatch):
    """Limits for a file as small as a test's."""
    monkeypatch.setattr(last_clusters, "HEADER_BYTES", 8 * 1024)
    monkeypatch.setattr(last_clusters, "LAST_BYTES", (16 * 1024, 64 * 1024))


def measured(path, monkeypatch):
    """Return its length and how much was read only to find it."""
    monkeypatch.setattr("media_pipeline.probing.looking.FIRST_SECONDS", 1)
    with path.open("rb") as opened:
        file = Counted(opened)
        return look(file).duration_ms, file.count


def test_its_length_is_read_off_its_end(recording, little, monkeypatch):
    size = recording.stat().st_size
    duration_ms, count = measured(recording, monkeypatch)
    assert duration_ms == pytest.approx(SECONDS * 1000, abs=50)
    assert size > 500_000
    assert count < size


def test_a_last_cluster_that_is_cut_off_does_not_hide_the_one_before(
    recording, little, tmp_path, monkeypatch
):
    content = recording.read_bytes()
    cut = tmp_path / "cut.webm"
    cut.write_bytes(content[: content.rindex(last_clusters.CLUSTER) + 20])
    monkeypatch.setattr(last_clusters, "LAST_BYTES", (64, 64 * 1024))
    duration_ms, _ = measured(cut, monkeypatch)
    assert SECONDS * 1000 - 1500 < duration_ms < SECONDS * 1000


def test_one_without_clusters_near_its_end_is_read_whole(recording, little, monkeypatch):
    monkeypatch.setattr(last_clusters, "LAST_BYTES", (64,))
    duration_ms, _ = measured(recording, monkeypatch)
    assert duration_ms == pytest.approx(SECONDS * 1000, abs=50)


def test_every_other_byte_is_where_it_was(recording, little):
    content = recording.read_bytes()
    with recording.open("rb") as file:
        view, *_ = last_clusters.shortened(file)
        view.seek(0)
        whole = view.read()
        start = content.index(last_clusters.CLUSTER)
        for first in range(start - 12, start + 12):
            view.seek(first)
            assert view.read(5) == whole[first : first + 5]
    after = start + last_clusters.VOID_HEADER
    assert whole[start : start + 2] == b"\xec\x01"
    assert (whole[:start], whole[after:]) == (content[:start], content[after:])
    end = after + int.from_bytes(whole[start + 2 : after])
    assert content[end : end + 4] == last_clusters.CLUSTER


def test_a_file_read_all_over_is_told_to_be_saved_anew(monkeypatch, recording):
    def all_over(file):
        raise ReadTooMuch("the file is read all over")

    monkeypatch.setattr(inspect, "look", all_over)
    assert inspect.answer(str(recording)) == {"refused": "no_index"}
