import array
import re
import subprocess
import wave
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from demo import film
from demo.goods import BEAR, LANTERN
from demo.sound import RATE, write_music


@pytest.fixture(autouse=True)
def short_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "_SCENE_FRAMES", 12)
    monkeypatch.setattr(film, "_FADE_FRAMES", 3)


def _still(path: Path, at: float) -> Image.Image:
    output = path.with_suffix(".png")
    command = [
        get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-y",
        "-ss",
        str(at),
        "-i",
        path,
        "-frames:v",
        "1",
        output,
    ]
    subprocess.run(command, check=True)
    with Image.open(output) as picture:
        return picture.convert("RGB")


def test_it_is_a_portrait_film_of_all_products(tmp_path: Path) -> None:
    path = film.prepare_film(tmp_path, "test", [BEAR, LANTERN])
    info = subprocess.run([get_ffmpeg_exe(), "-i", path], capture_output=True, text=True).stderr
    assert re.search(r"Video: h264.*yuv420p.*720x1280.*30 fps", info)
    assert "Duration: 00:00:00.80" in info
    bright, dark = (_still(path, at).resize((1, 1)).getpixel((0, 0)) for at in (0.35, 0.75))
    assert sum(bright) > sum(dark) + 150, "the bear stands in daylight, the lantern in the dusk"
    corner = _still(path, 0.35).getpixel((4, 4))
    assert corner == pytest.approx((207, 233, 223), abs=6), "the colours arrive as they were painted"


def test_it_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film.prepare_film(tmp_path, "test", [BEAR])
    drawn_at = path.stat().st_mtime_ns
    assert film.prepare_film(tmp_path, "test", [BEAR]) == path
    assert path.stat().st_mtime_ns == drawn_at
    other = film.prepare_film(tmp_path, "other", [BEAR])
    assert film.prepare_film(tmp_path, "test", [LANTERN]) != path
    assert not path.exists(), "an outdated film would only lie about"
    assert other.exists()


def test_a_failure_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "get_ffmpeg_exe", lambda: "false")
    with pytest.raises((RuntimeError, BrokenPipeError)):
        film.prepare_film(tmp_path, "test", [BEAR])
    assert list(tmp_path.iterdir()) == []


def test_the_sound_is_quiet_and_has_no_seam(tmp_path: Path) -> None:
    write_music(tmp_path / "music.wav")
    with wave.open(str(tmp_path / "music.wav")) as file:
        assert file.getframerate() == RATE
        samples = array.array("h", file.readframes(file.getnframes()))
    assert len(samples) == 10 * RATE
    assert 3_000 < max(map(abs, samples)) < 6_000
    steps = [abs(b - a) for a, b in zip(samples, samples[1:], strict=False)]
    assert abs(samples[0] - samples[-1]) <= max(steps)
