"""An ffmpeg that publishes the demo film as an encoder would: a clock burned in, sound, H.264 and AAC over RTMP."""

import logging
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from imageio_ffmpeg import get_ffmpeg_exe

from demo.film import CLOCK_PLATE, FPS
from demo.lettering import clock_font
from demo.sound import write_music

logger = logging.getLogger(__name__)

_KEYFRAME_FRAMES = str(2 * FPS)
_VIDEO = (
    # The quickest preset with those parts of the next one that show: half its work for the same picture.
    *("-c:v", "libx264", "-preset", "ultrafast", "-coder", "1", "-x264-params", "deblock=0,0:aq-mode=1"),
    *("-tune", "zerolatency", "-threads", "1", "-pix_fmt", "yuv420p"),
    *("-g", _KEYFRAME_FRAMES, "-keyint_min", _KEYFRAME_FRAMES, "-sc_threshold", "0"),
    *("-b:v", "1600k", "-maxrate", "2000k", "-bufsize", "2000k"),
)
_SOUND = ("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2")
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0
_SETTLED_SECONDS = 30.0
"""A stream that ran for so long was all right: the next attempt after it is made soon again."""


@dataclass(kw_only=True)
class Encoder:
    """Publishes one film to one RTMP server; who uses it calls `keep_running` about once a second."""

    film: Path
    server_url: str
    stream_key: str = field(repr=False)
    _process: subprocess.Popen[bytes] | None = None
    _complaints: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _started_at: float = 0.0
    _start_at: float = 0.0
    _pause: float = _SHORTEST_PAUSE

    def keep_running(self) -> None:
        """Start ffmpeg, also again after it ended (the server went away, say), ever more seldom if in vain."""
        now = time.monotonic()
        if self._process:
            if self._process.poll() is None:
                return
            logger.warning("the demo's encoder has ended and starts again: %s", self._reason())
            self._process = None
            settled = now - self._started_at > _SETTLED_SECONDS
            self._pause = _SHORTEST_PAUSE if settled else min(self._pause * 2, _LONGEST_PAUSE)
            self._start_at = now + self._pause
        if now >= self._start_at:
            self._start()

    def stop(self) -> None:
        """Stop publishing, within two seconds; harmless when repeated."""
        process, self._process = self._process, None
        if process:
            process.terminate()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._start_at, self._pause = 0.0, _SHORTEST_PAUSE

    def _start(self) -> None:
        self._complaints.seek(0)
        self._complaints.truncate()
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            _command(self.film, f"{self.server_url}/{self.stream_key}"),
            cwd=self.film.parent,
            env={**os.environ, "TZ": "KST-9"},  # Korean time, also where no time zone files are installed
            stdin=subprocess.DEVNULL,
            stderr=self._complaints,
        )

    def _reason(self) -> str:
        """The first of ffmpeg's many complaints, without the key that it likes to quote."""
        self._complaints.seek(0)
        first = self._complaints.readline().decode(errors="replace").strip()
        return first.replace(self.stream_key, "<stream key>") or "no reason given"


def _command(film: Path, target: str) -> list[str]:
    """The command, for the film's folder, in which the clock's and the sound's files are put.

    ffmpeg takes a stream key on its command line only, where other users of the machine can read it: that is why
    this is for the demo's own channel, which exists with DEBUG alone.
    """
    folder = film.parent
    clock_text, music = folder / "clock.txt", folder / "music.wav"
    clock_text.write_text("%{localtime:%H\\:%M\\:%S.%1N}")  # a file needs no escaping for the filter's syntax
    if not music.exists():
        write_music(music)
    left, top, right, bottom = CLOCK_PLATE
    clock = (
        f"drawtext=fontfile={clock_font(folder).name}:textfile={clock_text.name}:fontsize=26"
        f":fontcolor=0x2b2622:x={left}+({right - left}-text_w)/2:y={top}+({bottom - top}-max_glyph_h)/2"
    )
    return [
        *(get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error"),
        *("-threads", "1", "-re", "-stream_loop", "-1", "-i", film.name),
        *("-re", "-stream_loop", "-1", "-i", music.name),
        *("-map", "0:v", "-map", "1:a", "-vf", clock),
        *_VIDEO,
        *_SOUND,
        *("-f", "flv", target),
    ]
