"""Where a product stands: before a softly lit wall, on a round pedestal."""

from dataclasses import dataclass

from demo.drawing.outlines import box, cylinder, ellipse
from demo.drawing.sheet import Fade, Sheet

PEDESTAL_TOP = 640.0
"""The y on which products stand; the middle of a picture is x = 400."""


@dataclass(frozen=True)
class Palette:
    """The colours of a backdrop, from light to dark."""

    light: str
    wall: str
    deep: str
    shade: str
    """What shadows are made of: never black."""
    ink: str = "#2b2622"
    """What is written on the wall."""


def draw_wall(sheet: Sheet, palette: Palette) -> None:
    """Fill the sheet with the wall and a glow behind the product."""
    left, top = -sheet.origin[0], -sheet.origin[1]
    whole = box(left, top, sheet.width, sheet.height)
    sheet.fill(whole, Fade((palette.wall, palette.wall, palette.deep)))
    sheet.fill(ellipse(400, 380, 430, 470), palette.light, blur=130, opacity=0.85)


def draw_arch(sheet: Sheet, palette: Palette) -> None:
    """A shallow niche with a round top behind the product."""
    niche = [*ellipse(400, 330, 235, 235, start=180, end=360), (635, 700), (165, 700)]
    sheet.fill(niche, Fade((palette.deep, palette.wall)), opacity=0.7)
    sheet.stroke(niche[: len(niche) // 2], palette.shade, 26, blur=20, opacity=0.20, inside=niche)


def draw_sun(sheet: Sheet, palette: Palette) -> None:
    """A pale disc behind the product."""
    sheet.fill(ellipse(400, 372, 262, 262), Fade((palette.light, palette.wall)), opacity=0.9)


def draw_pedestal(sheet: Sheet, palette: Palette) -> None:
    """The pedestal, and a lower, wider one that it stands on; both go on below the picture's edge."""
    bottom = sheet.height - sheet.origin[1]
    floor = PEDESTAL_TOP + 210
    if bottom > floor:
        sheet.fill(box(-200, floor - 90, 1200, bottom), palette.shade, blur=70, opacity=0.22)
        _draw_drum(sheet, palette, top=floor, rx=420, ry=84, height=bottom)
    _draw_drum(sheet, palette, top=PEDESTAL_TOP, rx=286, ry=56, height=min(bottom, floor + 30) - PEDESTAL_TOP)


def draw_contact(
    sheet: Sheet, palette: Palette, x: float, rx: float, *, y: float = PEDESTAL_TOP, ry: float = 16
) -> None:
    """The shadow under something that stands at x on the pedestal."""
    sheet.fill(ellipse(x + rx * 0.30, y + 6, rx * 1.25, ry * 1.5), palette.shade, blur=16, opacity=0.45)
    sheet.fill(ellipse(x + 4, y + 1, rx * 1.02, ry), palette.shade, blur=5, opacity=0.6)


def _draw_drum(sheet: Sheet, palette: Palette, *, top: float, rx: float, ry: float, height: float) -> None:
    side = cylinder(400, top, rx, ry, height)
    sheet.fill(ellipse(400 + rx * 0.1, top + height, rx * 1.02, ry), palette.shade, blur=30, opacity=0.35)
    sheet.fill(side, Fade((palette.wall, palette.light, palette.wall, palette.deep, palette.shade), "right"))
    sheet.fill(
        box(400 - rx, top + height * 0.35, rx * 2, height), palette.shade, blur=60, opacity=0.28, inside=side
    )
    sheet.fill(ellipse(400, top, rx, ry), Fade((palette.wall, palette.light), "down"))
    sheet.stroke(ellipse(400, top, rx - 1, ry - 1, start=10, end=170), palette.light, 2.5, opacity=0.9)
