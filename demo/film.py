"""The demo's picture: an endless film of the products, drawn once and kept.

What is live about it (the clock, the encoding) is added while it is published; see `demo.encoder`.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, cast

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image, ImageDraw

from demo.goods import Item
from demo.lettering import font

WIDTH, HEIGHT, FPS = 720, 1280, 30
_SCENE_FRAMES = 135
_FADE_FRAMES = 21
"""How long a scene fades into the next."""
_CANVAS = (800, 1422)
"""A scene is drawn larger than the picture, which then moves in on it."""
_ZOOM = 1.1
_UNITS = 800 * HEIGHT / WIDTH
_PRODUCT_TOP = 274.0
"""How far below the upper edge the scenes begin, in units: captions stand above the product, chat below it, and the
player's own title over the very top."""
_CAPTION_Y = 194
_CAPTION_HEIGHT = 120
CLOCK_PLATE = (280, 148, 440, 184)
"""Left, top, right and bottom of the light plate on which the running clock is written."""

Planes = tuple[Image.Image, ...]
"""A picture as Y, U and V, the last two half as wide and high: half the work of RGB in every frame."""
_SHARES = (1, 2, 2)
_BT709: tuple[tuple[float, float, float, float], ...] = (
    (0.1826, 0.6142, 0.0620, 16),
    (-0.1006, -0.3386, 0.4392, 128),
    (0.4392, -0.3989, -0.0403, 128),
)
"""From RGB to Y, U and V in the range that video uses."""


def prepare_film(folder: Path, name: str, items: Sequence[Item]) -> Path:
    """Return the film of these products, drawn now unless an up-to-date one of this name is in the folder."""
    path = folder / f"{name}-{_digest(items)}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for outdated in folder.glob(f"{name}-*"):
            outdated.unlink()
        draft = path.with_suffix(f".{os.getpid()}.draft")
        try:
            _encode(_frames(items), draft)
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return path


def _digest(items: Sequence[Item]) -> str:
    """A hash of what is shown and of the code that draws it."""
    here = Path(__file__).parent
    total = hashlib.sha256(repr([(item.name, item.price) for item in items]).encode())
    for source in sorted([here / "film.py", here / "goods.py", *(here / "drawing").glob("*.py")]):
        total.update(source.read_bytes())
    return total.hexdigest()[:12]


def _encode(frames: Iterator[bytes], path: Path) -> None:
    command = [
        *(get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "17", "-g", str(FPS * 2)),
        *("-colorspace", "bt709", "-color_range", "tv", "-f", "mp4", str(path)),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        pipe = cast(IO[bytes], ffmpeg.stdin)
        for frame in frames:
            pipe.write(frame)
    if ffmpeg.returncode:
        raise RuntimeError(f"ffmpeg could not encode the demo film (exit code {ffmpeg.returncode})")


@dataclass(frozen=True)
class _Scene:
    """One product: its still, and what is written over it."""

    still: Planes
    caption: Planes
    """How much ink lies where, for each plane."""
    ink: tuple[int, ...]
    inwards: bool

    def frame(self, number: int) -> Planes:
        """The scene after so many frames; it may run over into the next one's time."""
        way = number / (_SCENE_FRAMES + _FADE_FRAMES)
        planes = _moved_in(self.still, 1 + (_ZOOM - 1) * (way if self.inwards else 1 - way))
        coming, going = number - _FADE_FRAMES / 2, _SCENE_FRAMES + 4 - number
        if (seen := min(1.0, coming / 15, going / 9)) > 0:
            self._write_caption(planes, seen)
        return planes

    def _write_caption(self, planes: Planes, seen: float) -> None:
        sunk = round(8 * (1 - seen) ** 2) * 2
        for plane, ink, mask, share in zip(planes, self.ink, self.caption, _SHARES, strict=True):
            if seen < 1:
                mask = mask.point([round(level * seen) for level in range(256)])
            y = (_CAPTION_Y + sunk) // share
            plane.paste(ink, (0, y, mask.width, y + mask.height), mask)


def _frames(items: Sequence[Item]) -> Iterator[bytes]:
    """Every frame of the film as planar YUV; the last scene fades into the first."""
    scenes = [_scene(item, inwards=number % 2 == 0) for number, item in enumerate(items)]
    plate = _plate()
    for before, scene in pairwise([scenes[-1], *scenes]):
        for number in range(_SCENE_FRAMES):
            planes = scene.frame(number)
            if number < _FADE_FRAMES:
                leaving = before.frame(_SCENE_FRAMES + number)
                share = (number + 1) / (_FADE_FRAMES + 1)
                share = share * share * (3 - 2 * share)
                planes = _blended(leaving, planes, share)
            _lay_plate(planes, plate)
            yield b"".join(plane.tobytes() for plane in planes)


def _scene(item: Item, *, inwards: bool) -> _Scene:
    sheet = item.painted(_UNITS, scale=2.0, origin=(0, _PRODUCT_TOP))
    caption = _caption(item)
    ink = Image.new("RGB", (1, 1), item.palette.ink)
    return _Scene(
        still=_planes(sheet.finished(*_CANVAS)),
        caption=tuple(caption.reduce(share) for share in _SHARES),
        ink=tuple(plane.tobytes()[0] for plane in _planes(ink)),
        inwards=inwards,
    )


def _caption(item: Item) -> Image.Image:
    """Name and price, centred: phones cut the sides off. Empty without the site's typeface."""
    caption = Image.new("L", (WIDTH, _CAPTION_HEIGHT))
    name, price = font("SemiBold", 40), font("Bold", 50)
    if name and price:
        draw = ImageDraw.Draw(caption)
        draw.text((WIDTH / 2, 26), item.name, fill=225, font=name, anchor="mm")
        draw.text((WIDTH / 2, 86), f"{item.price:,}원", fill=255, font=price, anchor="mm")
    return caption


def _plate() -> Planes:
    """How much of the clock's plate lies where, for each plane."""
    left, top, right, bottom = CLOCK_PLATE
    plate = Image.new("L", ((right - left) * 4, (bottom - top) * 4))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), plate.height / 2, 150)
    return tuple(plate.reduce(4 * share) for share in _SHARES)


def _lay_plate(planes: Planes, plate: Planes) -> None:
    left, top, right, bottom = CLOCK_PLATE
    for plane, mask, white, share in zip(planes, plate, (235, 128, 128), _SHARES, strict=True):
        plane.paste(white, (left // share, top // share, right // share, bottom // share), mask)


def _planes(picture: Image.Image) -> Planes:
    return tuple(
        picture.convert("L", matrix).reduce(share) for matrix, share in zip(_BT709, _SHARES, strict=True)
    )


def _moved_in(still: Planes, zoom: float) -> Planes:
    """The picture: a still, or its part around the product `zoom` times enlarged."""
    cut = 1 - 1 / zoom
    return tuple(
        plane.resize(
            (WIDTH // share, HEIGHT // share),
            Image.Resampling.HAMMING,
            box=(
                plane.width * cut * 0.5,
                plane.height * cut * 0.45,
                plane.width * (1 - cut * 0.5),
                plane.height * (1 - cut * 0.55),
            ),
        )
        for plane, share in zip(still, _SHARES, strict=True)
    )


def _blended(leaving: Planes, coming: Planes, share: float) -> Planes:
    return tuple(Image.blend(old, new, share) for old, new in zip(leaving, coming, strict=True))
