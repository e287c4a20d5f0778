"""The transcoding benchmark's peer: one plain ffmpeg command that makes the same renditions; and a film for both."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.parts.site import FOLDER
from benchmarks.parts.usage import resident_mib
from devtools.problem import Problem
from devtools.say import say

RUNGS = ((1920, 1080, 5000), (1280, 720, 2800), (854, 480, 1400), (640, 360, 800))
"""Width, height, and the most kbit/s: what the product makes of a film of this size."""
NICENESS = 10
"""As the product's own: on a busy machine the ratio would otherwise tell of priorities only."""


@dataclass(frozen=True)
class Took:
    """Seconds by the clock and of processor time, and the most memory at a time in MiB."""

    wall: float
    cpu: float
    peak_mib: float


def film(seconds: int) -> Path:
    """Return a film of 1080p30 with moving detail and sound, about 8 Mbit/s; drawn once and kept."""
    path = FOLDER / f"transcode-{seconds}.mp4"
    if not path.exists():
        say(f"drawing a film of {seconds} s …")
        FOLDER.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        picture = "testsrc2=s=1920x1080:r=30,noise=alls=8:allf=t"
        arguments = [
            "-f",
            "lavfi",
            "-i",
            picture,
            "-f",
            "lavfi",
            "-i",
            "sine=440:r=48000",
            "-t",
            str(seconds),
        ]
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "8M", "-g", "60"]
        _run([*arguments, *codecs, "-c:a", "aac", "-movflags", "+faststart", "-f", "mp4", str(draft)])
        draft.rename(path)
    return path


def transcode(source: Path, folder: Path) -> Took:
    """Make the ladder in an empty folder and tell what it took."""
    split = f"[0:v]split={len(RUNGS)}" + "".join(f"[s{n}]" for n in range(len(RUNGS)))
    scales = [f"[s{n}]scale={width}:{height}[v{n}]" for n, (width, height, _) in enumerate(RUNGS)]
    arguments = ["-i", str(source), "-filter_complex", ";".join([split, *scales])]
    for number, (_, _, most) in enumerate(RUNGS):
        arguments += ["-map", f"[v{number}]", f"-maxrate:v:{number}", f"{most}k", f"-bufsize:v:{number}"]
        arguments += [f"{most * 3 // 2}k"]
    arguments += ["-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
    arguments += ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"]
    arguments += [
        "-crf",
        "23",
        "-force_key_frames",
        "expr:gte(t,n_forced*2)",
        "-sc_threshold",
        "0",
        "-g",
        "120",
    ]
    arguments += ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    streams = [f"v:{n},agroup:sound,name:{height}p" for n, (_, height, _) in enumerate(RUNGS)]
    arguments += [
        "-master_pl_name",
        "master.m3u8",
        "-var_stream_map",
        " ".join([*streams, "a:0,agroup:sound"]),
    ]
    return _run([*arguments, "-hls_segment_filename", f"{folder}/%v/s%05d.m4s", f"{folder}/%v/index.m3u8"])


def _run(arguments: list[str]) -> Took:
    begin = time.monotonic()
    command = ["nice", "-n", str(NICENESS), get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    process = subprocess.Popen(command, process_group=0)
    peak = PeakMemory(process.pid)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Problem(f"ffmpeg ended with {process.returncode}.")
    return Took(time.monotonic() - begin, used.ru_utime + used.ru_stime, peak.stop())


class PeakMemory:
    """Watches the memory of process groups, from a thread of its own, until it is stopped."""

    def __init__(self, *groups: int) -> None:
        self._groups = groups
        self._peak = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the most there was at a time, MiB."""
        self._stopped.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._stopped.wait(0.05):
            self._peak = max(self._peak, sum(resident_mib(group) for group in self._groups))
