"""A sheet to paint on: every mark is an outline filled with a paint, sharp or soft, whole or inside another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from demo.drawing.outlines import Point

_COARSE = 4  # soft marks are drawn this much smaller: nobody sees it, and blurring costs a sixteenth


@dataclass(frozen=True)
class Fade:
    """A paint that changes evenly over the outline it fills: downwards, to the right, or from its middle out."""

    colours: tuple[str, ...]
    direction: Literal["down", "right", "out"] = "down"


Paint = str | Fade
_Box = tuple[int, int, int, int]


class Sheet:
    """Paper of `width` × `height` units, drawn `scale` pixels a unit; (0, 0) of the drawing lies at `origin`."""

    def __init__(self, width: float, height: float, *, scale: float, origin: Point = (0, 0)) -> None:
        self.width, self.height = width, height
        self.origin = origin
        self._scale = scale
        self._image = Image.new("RGB", (round(width * scale), round(height * scale)), "white")

    def finished(self, width: int, height: int) -> Image.Image:
        """The sheet as a picture of so many pixels."""
        return self._image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)

    def fill(
        self,
        outline: Sequence[Point],
        paint: Paint,
        *,
        opacity: float = 1.0,
        blur: float = 0.0,
        inside: Sequence[Point] | None = None,
    ) -> None:
        """Paint the outline; `blur` units soft at the rim, and only where it lies `inside` another."""
        self._mark(outline, None, paint, opacity, blur, inside)

    def stroke(
        self,
        line: Sequence[Point],
        paint: Paint,
        width: float,
        *,
        opacity: float = 1.0,
        blur: float = 0.0,
        inside: Sequence[Point] | None = None,
    ) -> None:
        """Draw a line with round ends; else as `fill`."""
        self._mark(line, width, paint, opacity, blur, inside)

    def _mark(
        self,
        line: Sequence[Point],
        width: float | None,
        paint: Paint,
        opacity: float,
        blur: float,
        inside: Sequence[Point] | None,
    ) -> None:
        area = self._area(line, blur * 3 + (width or 0))
        if area is None:
            return
        size = (area[2] - area[0], area[3] - area[1])
        coarse = _COARSE if blur * self._scale > 2 * _COARSE else 1
        mask = Image.new("L", (math.ceil(size[0] / coarse), math.ceil(size[1] / coarse)))
        draw = ImageDraw.Draw(mask)
        points = self._placed(line, area, coarse)
        if width is None:
            draw.polygon(points, fill=255)
        else:
            _draw_line(draw, points, width * self._scale / coarse)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self._scale / coarse))
        if coarse > 1:
            mask = mask.resize(size, Image.Resampling.BICUBIC)
        if inside is not None:
            clip = Image.new("L", size)
            ImageDraw.Draw(clip).polygon(self._placed(inside, area, 1), fill=255)
            mask = ImageChops.multiply(mask, clip)
        if opacity < 1:
            mask = mask.point([round(level * opacity) for level in range(256)])
        self._image.paste(_painted(paint, size), area[:2], mask)

    def _placed(self, points: Sequence[Point], area: _Box, coarse: int) -> list[Point]:
        dx, dy = self.origin
        return [
            (((x + dx) * self._scale - area[0]) / coarse, ((y + dy) * self._scale - area[1]) / coarse)
            for x, y in points
        ]

    def _area(self, points: Sequence[Point], margin: float) -> _Box | None:
        """The pixels a mark may touch, None if it lies beside the sheet."""
        dx, dy = self.origin
        xs = [(x + dx) * self._scale for x, _ in points]
        ys = [(y + dy) * self._scale for _, y in points]
        grow = margin * self._scale + 2
        left, top = max(0, math.floor(min(xs) - grow)), max(0, math.floor(min(ys) - grow))
        right = min(self._image.width, math.ceil(max(xs) + grow))
        bottom = min(self._image.height, math.ceil(max(ys) + grow))
        return (left, top, right, bottom) if left < right and top < bottom else None


def _draw_line(draw: ImageDraw.ImageDraw, points: list[Point], width: float) -> None:
    draw.line(points, fill=255, width=max(1, round(width)))
    for x, y in points:  # round joints: the ready-made ones leave cracks in wide lines
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)


def _painted(paint: Paint, size: tuple[int, int]) -> Image.Image:
    """An area full of the paint."""
    if isinstance(paint, str):
        return Image.new("RGB", size, paint)
    match paint.direction:
        case "out":
            levels = Image.radial_gradient("L")
        case "right":
            levels = Image.linear_gradient("L").rotate(90)
        case "down":
            levels = Image.linear_gradient("L")
    levels = levels.resize(size, Image.Resampling.BILINEAR)
    ramps = zip(*(_mixed(paint.colours, level / 255) for level in range(256)), strict=True)
    return Image.merge("RGB", [levels.point(list(ramp)) for ramp in ramps])


def _mixed(colours: Sequence[str], place: float) -> tuple[int, ...]:
    """The colour at a place (0 to 1) on the way through all colours."""
    at = place * (len(colours) - 1)
    first = min(int(at), len(colours) - 2)
    start, end = (ImageColor.getrgb(colour)[:3] for colour in colours[first : first + 2])
    return tuple(round(a + (b - a) * (at - first)) for a, b in zip(start, end, strict=True))
