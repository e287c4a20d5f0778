"""The clock in the picture: drawn, encoded, scaled, cropped and read again."""

import base64
import io
import subprocess
import time
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from devtools.clock_picture import READ_CLOCK_JS, Picture, publisher, read_screenshot, seconds_late
from devtools.ports import free_ports
from devtools.processes import wait_for

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
NOON_MS = 1_795_228_995_103
FRAME_MS = 33


def drawn(size: tuple[int, int] = (1280, 720), time_ms: int = NOON_MS) -> Image.Image:
    luma = Picture(*size).frame(time_ms, 7)[: size[0] * size[1]]
    return Image.frombytes("L", size, luma)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (640, 360), (1920, 1080)])
@pytest.mark.parametrize("time_ms", [NOON_MS, 0, 2**48 - 1])
def test_reads_what_was_drawn(size: tuple[int, int], time_ms: int) -> None:
    assert read_screenshot(png(drawn(size, time_ms)), size) == time_ms


def test_a_frame_is_yuv420p_whatever_its_number() -> None:
    picture = Picture(640, 360)
    assert {len(picture.frame(NOON_MS, number)) for number in range(400)} == {640 * 360 * 3 // 2}


@pytest.mark.parametrize("size", [(1000, 700), (1281, 720)])
def test_a_size_that_cells_do_not_fit_into_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="multiple of 40"):
        Picture(*size)


def test_reads_a_video_shown_smaller_between_black_bars() -> None:
    shot = Image.new("L", (720, 900))
    shot.paste(drawn().resize((720, 405)), (0, 247))
    assert read_screenshot(png(shot)) == NOON_MS


def test_reads_a_video_that_fills_a_phone_and_is_cropped() -> None:
    height = 844
    whole = drawn().resize((height * 1280 // 720, height))
    left = (whole.width - 390) // 2
    assert read_screenshot(png(whole.crop((left, 0, left + 390, height)))) == NOON_MS


def test_a_picture_without_the_clock_is_none() -> None:
    assert read_screenshot(png(Image.new("L", (1280, 720), 235))) is None
    assert read_screenshot(png(Image.radial_gradient("L").resize((1280, 720)))) is None


def test_a_damaged_cell_is_noticed() -> None:
    image = drawn()
    ImageDraw.Draw(image).rectangle((496, 306, 512, 360), fill=235)
    assert read_screenshot(png(image)) is None


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, float]:
    """What two RTMP servers received from one publisher (the first one's file), and when it began and ended."""
    folder = tmp_path_factory.mktemp("clock")
    ports = free_ports(2)
    urls = [f"rtmp://127.0.0.1:{port}/live/key" for port in ports]
    files = [folder / f"{port}.flv" for port in ports]
    copy = ["-c", "copy", "-flush_packets", "1"]
    servers = [
        subprocess.Popen([FFMPEG, "-v", "quiet", "-listen", "1", "-f", "flv", "-i", url, *copy, str(file)])
        for url, file in zip(urls, files, strict=True)
    ]
    try:
        sockets = Path("/proc/net/tcp")
        listening = [f":{port:04X} 00000000:0000 0A" for port in ports]
        assert wait_for(lambda: all(line in sockets.read_text() for line in listening), 10)
        before = time.time() * 1000
        lines: list[str] = []
        encoder = publisher(*urls, size=(640, 360), on_line=lines.append)
        try:
            enough = wait_for(
                lambda: all(file.exists() and file.stat().st_size > 400_000 for file in files),
                30,
                unless=lambda: not encoder.is_running(),
            )
            assert enough, lines
        finally:
            encoder.stop(5)
        after = time.time() * 1000
        for server in servers:
            server.wait(10)
    finally:
        for server in servers:
            server.kill()
            server.wait()
    assert files[1].stat().st_size > 400_000
    return files[0], before, after


def frames_of(file: Path, folder: Path) -> list[int | None]:
    subprocess.run([FFMPEG, "-v", "quiet", "-i", file, "-vf", "fps=10", folder / "%04d.png"], check=True)
    return [read_screenshot(shot.read_bytes(), (640, 360)) for shot in sorted(folder.glob("*.png"))]


def test_the_clock_survives_encoding_and_runs_in_real_time(
    recorded: tuple[Path, float, float], tmp_path: Path
) -> None:
    file, before, after = recorded
    times = frames_of(file, tmp_path)
    assert None not in times
    read = [time_ms for time_ms in times if time_ms is not None]
    assert len(read) >= 10
    assert read == sorted(read)
    assert before <= read[0] <= read[-1] <= after


def test_keyframes_are_two_seconds_apart_and_there_is_sound(recorded: tuple[Path, float, float]) -> None:
    shown = subprocess.run(
        [
            FFMPEG,
            "-hide_banner",
            "-skip_frame",
            "nokey",
            "-i",
            recorded[0],
            "-vf",
            "showinfo",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "Video: h264" in shown
    assert "Audio: aac" in shown
    times = [
        float(line.split("pts_time:")[1].split()[0]) for line in shown.splitlines() if "pts_time:" in line
    ]
    assert times[1] - times[0] == pytest.approx(2.0, abs=0.002)


def test_a_publisher_that_is_refused_ends_with_ffmpegs_words() -> None:
    lines: list[str] = []
    encoder = publisher(f"rtmp://127.0.0.1:{free_ports(1)[0]}/live/key", on_line=lines.append)
    try:
        assert wait_for(lambda: not encoder.is_running(), 20)
        assert encoder.how_it_ended() != "exit code 0"
        assert "refused" in encoder.last_lines()
    finally:
        encoder.stop(5)


def test_a_line_about_a_late_picture_is_understood_and_others_are_not() -> None:
    assert seconds_late("picture late by 1.4 s") == 1.4
    assert seconds_late("[rtmp @ 0x55ddd6d9c800] Cannot open connection") == 0.0


@pytest.mark.browser
def test_a_page_and_its_screenshot_tell_the_same_time(
    recorded: tuple[Path, float, float], tmp_path: Path, chromium: Browser
) -> None:
    page = chromium.new_page()
    file, before, after = recorded
    movie = tmp_path / "movie.mp4"
    subprocess.run([FFMPEG, "-v", "quiet", "-i", file, "-c", "copy", movie], check=True)
    source = base64.b64encode(movie.read_bytes()).decode()
    style = "width: 390px; height: 700px; object-fit: cover"
    page.set_content(f'<video style="{style}" src="data:video/mp4;base64,{source}"></video>')
    video = page.locator("video")
    video.evaluate("video => new Promise(done => { video.onseeked = done; video.currentTime = 1.5 })")
    time_ms = video.evaluate(READ_CLOCK_JS)
    assert before <= time_ms <= after
    assert read_screenshot(video.screenshot(), (640, 360)) == time_ms
