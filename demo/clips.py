"""The demo's trailer videos: the products drawn once, an unhurried move over each, music."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from demo.goods import Item
from demo.sound import write_music

WIDTH, HEIGHT, FPS = 540, 960, 30
_STILL = (2 * WIDTH, 2 * HEIGHT)
"""Larger than the picture: halves of its pixels make the slow moves smooth."""
_UNITS = 800 * HEIGHT / WIDTH
_PRODUCT_TOP = 240.0
_STILL_SECONDS, _FADE_SECONDS = 4.0, 0.5
_PART = 0.92
"""How much of a still is in the picture at a time."""


def prepare_clip(folder: Path, name: str, items: Sequence[Item]) -> Path:
    """Return the clip of these products, drawn now unless one of this name and contents is in the folder."""
    digest = hashlib.sha256(repr([(item.name, item.palette) for item in items]).encode()).hexdigest()[:12]
    path = folder / f"{name}-{digest}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        try:
            music = folder / "clip-music.wav"
            if not music.exists():
                write_music(music)
            with tempfile.TemporaryDirectory() as workshop:
                _draw(Path(workshop), items, music, draft)
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return path


def _draw(workshop: Path, items: Sequence[Item], music: Path, path: Path) -> None:
    stills = []
    for number, item in enumerate(items):
        sheet = item.painted(_UNITS, scale=2.0, origin=(0, _PRODUCT_TOP))
        stills.append(workshop / f"{number}.png")
        sheet.finished(*_STILL).save(stills[-1], compress_level=1)
    command = [
        *(get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *(option for still in stills for option in ("-framerate", str(FPS), "-i", str(still))),
        *("-stream_loop", "-1", "-i", str(music)),
        *("-filter_complex", _filters(len(stills)), "-map", "[picture]", "-map", f"{len(stills)}:a"),
        *("-t", str(_seconds(len(stills)))),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(2 * FPS), "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2", "-movflags", "+faststart"),
        *("-f", "mp4", str(path)),
    ]
    subprocess.run(command, check=True, timeout=120)


def _seconds(count: int) -> float:
    return count * _STILL_SECONDS - (count - 1) * _FADE_SECONDS


def _filters(count: int) -> str:
    """Each still seen through a window that moves, one down and the next up, each fading into the next."""
    chains = []
    for number in range(count):
        way = f"t/{_STILL_SECONDS}" if number % 2 == 0 else f"(1-t/{_STILL_SECONDS})"
        window = f"crop=w=iw*{_PART}:h=ih*{_PART}:x=(iw-ow)/2:y='(ih-oh)*{way}'"
        repeated = f"format=yuv420p,loop=loop=-1:size=1,trim=duration={_STILL_SECONDS}"
        chains.append(f"[{number}:v]{repeated},{window},scale={WIDTH}:{HEIGHT},setsar=1[v{number}]")
    before = "v0"
    for number in range(1, count):
        offset = number * (_STILL_SECONDS - _FADE_SECONDS)
        chains.append(f"[{before}][v{number}]xfade=duration={_FADE_SECONDS}:offset={offset}[x{number}]")
        before = f"x{number}"
    return ";".join([*chains, f"[{before}]null[picture]"])
