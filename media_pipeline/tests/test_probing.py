"""The probe with real files of every kind, good and bad."""

import http.server
import subprocess
import threading
import time
from functools import partial

import imageio_ffmpeg
import pytest

from media_pipeline.probing import range_reader
from media_pipeline.probing.probe import ProbeFailed, ProbeRefused, probe_video
from tests import films


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60)


def picture(*codec, path, size="320x180", seconds=2, rate=30):
    source = f"testsrc2=s={size}:r={rate}"
    ffmpeg("-f", "lavfi", "-t", seconds, "-i", source, *codec, path)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """320×180, two seconds, H.264 with sound."""
    return films.landscape(tmp_path_factory.mktemp("films") / "small.mp4", size="320x180", seconds=2)


def test_a_common_film(small):
    facts = probe_video(str(small))
    assert (facts.codec, facts.pixel_format, facts.bit_depth) == ("h264", "yuv420p", 8)
    assert (facts.width, facts.height, facts.rotation) == (320, 180, 0)
    assert (facts.fps, facts.is_variable_rate) == (30, False)
    assert facts.duration_ms == pytest.approx(2000, abs=50)
    assert facts.keyframe_ms == pytest.approx(2000, abs=50)
    assert (facts.audio_codec, facts.has_audio) == ("aac", True)
    assert (facts.video_streams, facts.audio_streams, facts.other_streams) == (1, 1, 0)
    assert not facts.is_hdr
    assert facts.video_bitrate_bps > 100_000


def test_a_film_turned_by_its_metadata_is_upright(tmp_path):
    facts = probe_video(str(films.portrait(tmp_path / "portrait.mp4")))
    assert (facts.width, facts.height, facts.rotation) == (720, 1280, 270)


def test_pixels_that_are_not_square_count_as_displayed(tmp_path):
    wide = picture("-vf", "setsar=32/27", size="720x480", path=tmp_path / "dvd.mp4")
    facts = probe_video(str(wide))
    assert (facts.width, facts.height) == (853, 480)


def test_ten_bit_hevc(tmp_path):
    facts = probe_video(str(films.ten_bit(tmp_path / "ten.mp4")))
    assert (facts.codec, facts.bit_depth, facts.pixel_format) == ("hevc", 10, "yuv420p10le")


def test_hdr_is_seen_by_its_transfer_function(tmp_path):
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"]
    colours = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    assert probe_video(str(picture(*codec, "-x265-params", colours, path=tmp_path / "hlg.mp4"))).is_hdr


def test_a_variable_rate_is_known_by_its_usual_distance(tmp_path):
    facts = probe_video(str(films.variable_rate(tmp_path / "screen.mp4")))
    assert (facts.fps, facts.is_variable_rate) == (30, True)


def test_no_sound(tmp_path):
    facts = probe_video(str(films.silent(tmp_path / "silent.mp4")))
    assert (facts.audio_codec, facts.audio_streams, facts.has_audio) == ("", 0, False)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        (["-c:v", "libvpx", "-deadline", "realtime"], "vp8"),
        (["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], "vp9"),
        (["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"], "av1"),
    ],
)
def test_webm(codec, name, tmp_path):
    assert probe_video(str(picture(*codec, path=tmp_path / "film.webm"))).codec == name


def test_a_browsers_recording_that_does_not_say_its_length(tmp_path):
    path = tmp_path / "recording.webm"
    with path.open("wb") as file:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-t", "2", "-i"]
        command += ["testsrc2=s=320x180:r=30", "-c:v", "libvpx", "-f", "webm", "pipe:1"]
        subprocess.run(command, check=True, stdout=file, timeout=30)
    assert probe_video(str(path)).duration_ms == pytest.approx(2000, abs=50)


@pytest.mark.parametrize("ending", ["mkv", "ts", "avi", "flv", "mov"])
def test_other_containers(ending, small, tmp_path):
    path = tmp_path / f"film.{ending}"
    ffmpeg("-i", small, "-c", "copy", path)
    facts = probe_video(str(path))
    assert (facts.codec, facts.width, facts.audio_codec) == ("h264", 320, "aac")


@pytest.mark.parametrize(
    ("film", "code"),
    [
        (films.empty, "empty"),
        (films.not_a_video, "not_a_video"),
        (films.renamed_picture, "not_a_video"),
        (films.truncated, "truncated"),
        (films.without_index, "truncated"),
        (films.sound_only, "sound_only"),
        (films.absurd_size, "too_many_pixels"),
        (films.too_long, "too_long"),
        (lambda path: picture(size="30x40", path=path), "too_small"),
        (lambda path: picture("-c:v", "huffyuv", "-f", "avi", path=path), "unsupported_codec"),
    ],
)
def test_bad_films_are_refused_within_seconds(film, code, tmp_path):
    path = film(tmp_path / "film.mp4")
    begin = time.monotonic()
    with pytest.raises(ProbeRefused) as refusal:
        probe_video(str(path))
    assert refusal.value.code == code
    assert refusal.value.message
    assert time.monotonic() - begin < 5


def test_too_many_streams(small, tmp_path):
    path = tmp_path / "many.mkv"
    ffmpeg("-i", small, *["-map", "0"] * 13, "-c", "copy", path)
    with pytest.raises(ProbeRefused, match="트랙"):
        probe_video(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:2,\n{small}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{small}'\n",
    ],
)
def test_a_file_cannot_name_another(text, small, tmp_path):
    playlist = tmp_path / "film.mp4"
    playlist.write_text(text.format(small=small))
    with pytest.raises(ProbeRefused) as refusal:
        probe_video(str(playlist))
    assert refusal.value.code == "not_a_video"


def test_a_matroska_that_is_cut_off(tmp_path):
    whole = films.landscape(tmp_path / "whole.mp4", size="320x180", seconds=8)
    ffmpeg("-i", whole, "-c", "copy", tmp_path / "whole.mkv")
    content = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(content[: len(content) // 2])
    with pytest.raises(ProbeRefused) as refusal:
        probe_video(str(tmp_path / "cut.mkv"))
    assert refusal.value.code == "truncated"


def test_a_missing_file_is_no_refusal():
    with pytest.raises(ProbeFailed, match="No such file"):
        probe_video("/nowhere/film.mp4")


def test_the_looking_process_has_none_of_our_secrets(small, monkeypatch):
    seen = {}

    def run(command, **options):
        seen.update(options, command=command)
        return real(command, **options)

    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    probe_video(str(small))
    assert "SECRET_KEY" not in seen["env"]
    assert str(small) not in seen["command"]


def test_a_film_that_takes_too_long_to_look_at_is_refused(small, monkeypatch):
    endless = (
        "from media_pipeline.probing import inspect\n"
        "def look(file):\n"
        "    while True: pass\n"
        "inspect.look, inspect.CPU_SECONDS = look, 1\n"
        "inspect.main()"
    )
    run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **options: run([command[0], "-c", endless], **options)
    )
    with pytest.raises(ProbeRefused) as refusal:
        probe_video(str(small))
    assert refusal.value.code == "not_a_video"


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves single byte ranges, as storage does, and notes how many bytes were asked for."""

    asked = 0

    def do_GET(self):
        content = open(self.translate_path(self.path), "rb").read()  # noqa: SIM115
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        if int(first) >= len(content):
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        piece = content[int(first) : int(last) + 1]
        Ranges.asked += len(piece)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{int(first) + len(piece) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)

    def log_message(self, *args):
        pass


@pytest.fixture
def storage(tmp_path):
    """The address under which tmp_path's files are served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Ranges.asked = 0
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_film_in_remote_storage_is_read_in_pieces(storage, tmp_path):
    film = films.landscape(tmp_path / "film.mp4", size="1280x720", seconds=20)
    facts = probe_video(f"{storage}/film.mp4?signature=secret")
    assert facts == probe_video(str(film))
    assert Ranges.asked < film.stat().st_size


@pytest.mark.parametrize(("film", "code"), [(films.empty, "empty"), (films.truncated, "truncated")])
def test_bad_films_in_remote_storage(film, code, storage, tmp_path):
    film(tmp_path / "film.mp4")
    with pytest.raises(ProbeRefused) as refusal:
        probe_video(f"{storage}/film.mp4")
    assert refusal.value.code == code


def test_storage_that_is_away_is_no_refusal_and_its_address_stays_secret(storage):
    with pytest.raises(ProbeFailed) as failure:
        probe_video("http://127.0.0.1:9/film.mp4?signature=secret")
    assert "secret" not in str(failure.value)


def test_a_reader_is_bounded(storage, tmp_path, monkeypatch):
    (tmp_path / "film.mp4").write_bytes(bytes(3 * range_reader.BLOCK))
    monkeypatch.setattr(range_reader, "MAX_BYTES", range_reader.BLOCK)
    with range_reader.RangeReader(f"{storage}/film.mp4") as reader:
        reader.seek(-5, 2)
        assert reader.read() == bytes(5)
        reader.seek(range_reader.BLOCK)
        with pytest.raises(range_reader.ReadTooMuch):
            reader.read()
