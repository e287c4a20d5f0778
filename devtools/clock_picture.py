"""A picture that tells its own age: the wall clock is burned into every frame, and read back where it is shown.

The clock is there twice, in the middle of the picture, where no player crops it: as digits for people, and as a
block of black and white cells for programs, big enough to survive H.264 and scaling. Three rows of 16 bits, each
above its complement, hold the milliseconds since 1970; whatever is not such a block reads as None.

`publisher` is an encoder that sends it, with a beep at every full second. `READ_CLOCK_JS` reads it from a <video>,
`read_screenshot` from a picture of one.
"""

import argparse
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import IO, cast

from devtools.paths import PYTHON
from devtools.processes import Child, Command

SIZE = (1280, 720)
COLUMNS, ROWS = 16, 6
CELLS_PER_SIDE = 40
"""The shorter side of the picture is so many cells long, whatever it is scaled to."""

READ_CLOCK_JS = f"""
(video) => {{
  const cell = Math.min(video.videoWidth, video.videoHeight) / {CELLS_PER_SIDE};
  if (!cell) return null;
  const size = 8, width = {COLUMNS} * size, height = {ROWS} * size;
  const canvas = video.clockCanvas ??= new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", {{ willReadFrequently: true }});
  const left = video.videoWidth / 2 - {COLUMNS // 2} * cell, top = video.videoHeight / 2 - {ROWS // 2} * cell;
  context.drawImage(video, left, top, {COLUMNS} * cell, {ROWS} * cell, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height).data;
  const white = (row, column) => pixels[((row + 0.5) * size * width + (column + 0.5) * size) * 4] > 127;
  let time = 0;
  for (let row = 0; row < {ROWS}; row += 2) {{
    for (let column = 0; column < {COLUMNS}; column += 1) {{
      if (white(row, column) === white(row + 1, column)) return null;
      time = time * 2 + white(row, column);
    }}
  }}
  return time;
}}
"""
"""A JavaScript function: <video> element → ms since 1970 of the frame it shows, or null.

With Playwright: `age = time.time() * 1000 - page.locator("video").evaluate(READ_CLOCK_JS)`.
"""

_BLACK, _GREY, _WHITE = 16, 70, 235  # luma as video has it
_SAMPLE_RATE = 48_000

# Five bits a row, the left one highest.
_GLYPHS = {
    "0": (0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E),
    "1": (0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E),
    "2": (0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F),
    "3": (0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E),
    "4": (0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02),
    "5": (0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E),
    "6": (0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E),
    "7": (0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08),
    "8": (0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E),
    "9": (0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C),
    ":": (0x00, 0x0C, 0x0C, 0x00, 0x0C, 0x0C, 0x00),
    ".": (0x00, 0x00, 0x00, 0x00, 0x00, 0x0C, 0x0C),
}
_GLYPH_HEIGHT = 7


def publisher(
    *urls: str,
    size: tuple[int, int] = SIZE,
    fps: int = 30,
    keyframe_seconds: float = 2.0,
    bitrate_kbps: int = 2500,
    on_line: Callable[[str], None] = lambda line: None,
) -> Child:
    """Start an encoder that sends the picture to these RTMP addresses (stream key included) until it is stopped.

    With several addresses the very same encoded stream goes to each. It ends by itself, with an exit code that is
    not 0 and ffmpeg's words on `on_line`, when a server refuses it. `seconds_late` understands its other lines.
    """
    width, height = size
    options = [f"--size={width}x{height}", f"--fps={fps}"]
    options += [f"--keyframe-seconds={keyframe_seconds}", f"--bitrate-kbps={bitrate_kbps}"]
    command: Command = [PYTHON, "-m", "devtools.clock_picture", *options, *urls]
    return Child("publisher", command, on_line=on_line)


def seconds_late(line: str) -> float:
    """By how much a line of a publisher's says that a picture was behind its time: the machine was too busy."""
    return float(line.removeprefix(_LATE).removesuffix(" s")) if line.startswith(_LATE) else 0.0


def read_screenshot(png: bytes, size: tuple[int, int] = SIZE) -> int | None:
    """Return the ms since 1970 that a screenshot of just the <video> element shows, or None.

    `size` is the shape of the video; the element may be of another (`object-fit: contain` or `cover`).
    """
    from PIL import Image

    shot = Image.open(io.BytesIO(png)).convert("L")
    scales = (shot.width / size[0], shot.height / size[1])
    for scale in {min(scales), max(scales)}:
        time_ms = _read_block(shot.getpixel, shot.size, min(size) / CELLS_PER_SIDE * scale)
        if time_ms is not None:
            return time_ms
    return None


def _read_block(pixel: Callable[[tuple[int, int]], object], size: tuple[int, int], cell: float) -> int | None:
    def is_white(row: int, column: int) -> bool:
        x = size[0] / 2 + (column - COLUMNS / 2 + 0.5) * cell
        y = size[1] / 2 + (row - ROWS / 2 + 0.5) * cell
        value = pixel((int(x), int(y)))
        return isinstance(value, int) and value > 127

    if not (COLUMNS * cell <= size[0] and ROWS * cell <= size[1]):
        return None
    time_ms = 0
    for row in range(0, ROWS, 2):
        for column in range(COLUMNS):
            bit = is_white(row, column)
            if bit == is_white(row + 1, column):
                return None
            time_ms = time_ms * 2 + bit
    return time_ms


class Picture:
    """Draws frames. `width` and `height` are even; the shorter is a multiple of 40, or ValueError is raised."""

    def __init__(self, width: int, height: int) -> None:
        if min(width, height) % CELLS_PER_SIDE or width % 2 or height % 2:
            raise ValueError(f"the shorter side of {width}x{height} is not a multiple of {CELLS_PER_SIDE}")
        self._cell = min(width, height) // CELLS_PER_SIDE
        self._dot = max(1, self._cell * 2 // 9)
        self._width = width
        block = ROWS * self._cell
        band = block + 2 * (_GLYPH_HEIGHT * self._dot + 3 * self._cell // 2)
        self._above = (height - band) // 2
        self._below = height - band - self._above
        self._gap = self._rows((band - block) // 2 - _GLYPH_HEIGHT * self._dot - self._cell, b"")
        self._under = self._rows((band - block) // 2, b"")
        self._space = self._rows(self._cell, b"")
        self._chroma = bytes((128,)) * (width * height // 2)
        # Diagonal stripes that repeat after _PERIOD rows; a frame shows them from another row on, so they move.
        ramp = bytes(_GREY + abs(x % _PERIOD - _PERIOD // 2) for x in range(width + _PERIOD))
        rows = (ramp[y % _PERIOD : y % _PERIOD + width] for y in range(height + _PERIOD))
        self._stripes = memoryview(b"".join(rows))

    def frame(self, time_ms: int, number: int) -> bytes:
        """Return frame `number` as yuv420p with this time in it."""
        width = self._width
        first = number * 4 % _PERIOD
        band = [self._gap, *self._digits(time_ms), self._space, *self._block(time_ms), self._under]
        return b"".join(
            (
                self._stripes[first * width : (first + self._above) * width],
                *band,
                self._stripes[(first + self._above) * width : (first + self._above + self._below) * width],
                self._chroma,
            )
        )

    def _digits(self, time_ms: int) -> Iterator[bytes]:
        local = time.localtime(time_ms // 1000)
        text = time.strftime("%H:%M:%S", local) + f".{time_ms % 1000:03d}"
        dots = (bytes((_BLACK,)) * self._dot, bytes((_WHITE,)) * self._dot)
        for row in range(_GLYPH_HEIGHT):
            bits = "".join(f"{_GLYPHS[character][row]:05b}0" for character in text)
            yield self._rows(self._dot, b"".join(dots[bit == "1"] for bit in bits))

    def _block(self, time_ms: int) -> Iterator[bytes]:
        cells = (bytes((_BLACK,)) * self._cell, bytes((_WHITE,)) * self._cell)
        bits = f"{time_ms:0{COLUMNS * ROWS // 2}b}"
        for start in range(0, len(bits), COLUMNS):
            row = bits[start : start + COLUMNS]
            yield self._rows(self._cell, b"".join(cells[bit == "1"] for bit in row))
            yield self._rows(self._cell, b"".join(cells[bit == "0"] for bit in row))

    def _rows(self, count: int, middle: bytes) -> bytes:
        """Return `count` equal rows with this in the middle and grey around."""
        rest = self._width - len(middle)
        left = bytes((_GREY,)) * (rest // 2)
        return (left + middle + bytes((_GREY,)) * (rest - len(left))) * count


_PERIOD = 240
_LATE = "picture late by "


def main(arguments: Sequence[str]) -> int:
    """Send the picture in real time until SIGTERM; the encoder's exit code."""
    parser = argparse.ArgumentParser(
        prog="clock_picture", description="Publish a picture that tells its own age."
    )
    parser.add_argument("urls", nargs="+", metavar="URL", help="rtmp://server/application/key")
    parser.add_argument("--size", default="x".join(map(str, SIZE)), help="WIDTHxHEIGHT")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--keyframe-seconds", type=float, default=2.0)
    parser.add_argument("--bitrate-kbps", type=int, default=2500)
    options = parser.parse_args(arguments)
    width, height = map(int, options.size.split("x"))
    picture = Picture(width, height)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    sound, sound_in = os.pipe()
    command = _encoder(options, (width, height), sound)
    with ExitStack() as leaving:
        encoder = leaving.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[sound]))
        os.close(sound)
        sound_pipe = leaving.enter_context(os.fdopen(sound_in, "wb", buffering=0))
        # A thread of its own: an ffmpeg that gives up one input first goes on reading the other.
        threading.Thread(target=_send_sound, args=(sound_pipe, options.fps), daemon=True).start()
        pictures = cast(IO[bytes], encoder.stdin)
        with suppress(BrokenPipeError):
            for number in _ticks(options.fps, _tell_late):
                pictures.write(picture.frame(time.time_ns() // 1_000_000, number))
    return encoder.returncode or 1


def _send_sound(pipe: IO[bytes], fps: int) -> None:
    with suppress(OSError, ValueError):  # the pipe is closed, at either end
        for number in _ticks(fps):
            pipe.write(_sound(number, fps))


def _ticks(fps: int, on_late: Callable[[float], None] = lambda seconds: None) -> Iterator[int]:
    """Count frames, each at its time; after a delay they come faster until they have caught up.

    `on_late` is told the lateness whenever it is the greatest so far, in steps of at least 0.1 s.
    """
    start, number, told = time.monotonic(), 0, 0.0
    while True:
        early = start + number / fps - time.monotonic()
        time.sleep(max(0.0, early))
        if -early > told + 0.1:
            told = -early
            on_late(told)
        yield number
        number += 1


def _tell_late(seconds: float) -> None:
    print(f"{_LATE}{seconds:.1f} s", flush=True)


def _sound(number: int, fps: int) -> bytes:
    """The sound of one frame, 16-bit mono: a short quiet beep once a second."""
    samples = _SAMPLE_RATE // fps
    wave = (1500).to_bytes(2, "little", signed=True) * 24 + (-1500).to_bytes(2, "little", signed=True) * 24
    return (wave * (samples // 48 + 1))[: samples * 2] if number % fps < fps // 10 else bytes(samples * 2)


def _encoder(options: argparse.Namespace, size: tuple[int, int], sound: int) -> list[str]:
    import imageio_ffmpeg

    frames = round(options.fps * options.keyframe_seconds)
    rate = f"{options.bitrate_kbps}k"
    raw = ["-probesize", "32", "-analyzeduration", "0"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-v", "error"]
    command += [*raw, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}"]
    command += ["-r", str(options.fps), "-i", "pipe:0"]
    command += [*raw, "-f", "s16le", "-ar", str(_SAMPLE_RATE), "-ac", "1", "-i", f"pipe:{sound}"]
    command += [
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
    ]
    command += ["-g", str(frames), "-keyint_min", str(frames), "-sc_threshold", "0"]
    command += ["-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-c:a", "aac", "-b:a", "96k"]
    if len(options.urls) == 1:
        return [*command, "-f", "flv", *_FLV, options.urls[0]]
    targets = (f"[f=flv:{_FLV[0][1:]}={_FLV[1]}:onfail=abort]{url}" for url in options.urls)
    return [*command, "-flags", "+global_header", "-f", "tee", "-use_fifo", "1", "|".join(targets)]


_FLV = ("-flvflags", "no_duration_filesize")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
