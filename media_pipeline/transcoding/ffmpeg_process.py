"""One run of ffmpeg: started on a leash, watched, and always ended before the function returns."""

import errno
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")
STALLED_SECONDS = 60
LOOK_SECONDS = 1.0
KILL_SECONDS = 10
ERROR_BYTES = 4096
DISK_FULL = os.strerror(errno.ENOSPC)


class FfmpegFailed(Exception):
    """ffmpeg did not do it. `code` says why in a word; the text is the end of what it wrote, without paths."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


def run_ffmpeg(command: list[str], *, on_progress: Callable[[int], None]) -> None:
    """Run a command that writes `-progress pipe:1`, and return when it has done all.

    `on_progress` is called at least each second with the milliseconds of video finished so far; what it raises ends
    ffmpeg and is passed on. Raises FfmpegFailed: `ffmpeg_failed`, `disk_full`, or `stalled` after STALLED_SECONDS
    without any progress.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
        try:
            _watch(process, on_progress)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(KILL_SECONDS)
            if process.stdout:
                process.stdout.close()
        if process.returncode:
            text = _tail(errors)
            raise FfmpegFailed("disk_full" if DISK_FULL in text else "ffmpeg_failed", text)


def _watch(process: subprocess.Popen[bytes], on_progress: Callable[[int], None]) -> None:
    """Read progress until ffmpeg closes its output."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    done_ms, moved_at, rest = 0, time.monotonic(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(LOOK_SECONDS):
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    process.wait(KILL_SECONDS)
                    return
                *lines, rest = (rest + piece).split(b"\n")
                latest = max((_time_ms(line) for line in lines), default=0)
                if latest > done_ms:
                    done_ms, moved_at = latest, time.monotonic()
            on_progress(done_ms)
            if time.monotonic() - moved_at > STALLED_SECONDS:
                raise FfmpegFailed("stalled", f"no progress for {STALLED_SECONDS} s at {done_ms} ms")


def _time_ms(line: bytes) -> int:
    """Read "out_time_us=8000000"; 0 for any other line ("N/A" stands there before the first frame)."""
    name, _, value = line.partition(b"=")
    return int(value) // 1000 if name == b"out_time_us" and value.strip().isdigit() else 0


def _tail(errors: IO[bytes]) -> str:
    """Return the end of what was written, each quoted path cut to nothing: staff need no layout of our disks."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - ERROR_BYTES))
    words = errors.read().decode(errors="replace").split(" ")
    return " ".join("…" if "/" in word and len(word) > 20 else word for word in words).strip()
