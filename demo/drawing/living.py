"""Things for the home: cups, a kettle."""

from demo.drawing.backdrop import PEDESTAL_TOP, Palette, draw_contact
from demo.drawing.outlines import Point, box, curve, cylinder, ellipse, mirrored, moved
from demo.drawing.sheet import Fade, Sheet

_CLAY = Fade(("#d9a27d", "#c98a63", "#a86a48", "#8a5236"), "right")
_CREAM = Fade(("#f3ebdc", "#fffaf0", "#f1e6d3", "#cdb999"), "right")
_SAGE = Fade(("#8fa58c", "#a9bda3", "#87a083", "#5f7a5e"), "right")
_SPECKLES: list[Point] = [
    (-70, 40),
    (-52, 96),
    (-38, 22),
    (-20, 70),
    (-6, 112),
    (12, 44),
    (26, 88),
    (44, 20),
    (58, 66),
    (72, 104),
    (-62, 120),
    (36, 126),
    (-30, 100),
    (4, 18),
    (66, 34),
    (-80, 74),
    (20, 60),
    (-46, 58),
    (50, 110),
    (-12, 38),
]


def draw_mugs(sheet: Sheet, palette: Palette) -> None:
    """Two hand-thrown mugs, the front one steaming."""
    _draw_mug(sheet, palette, x=486, foot=PEDESTAL_TOP - 26, glaze=_SAGE, rim="#dfe8da", tea="#7b5a3a")
    _draw_mug(sheet, palette, x=318, foot=PEDESTAL_TOP + 10, glaze=_CREAM, rim="#fffdf7", tea="#6b4529")
    for dx, height in ((-26, 150), (10, 190), (40, 130)):
        x, y = 318 + dx, PEDESTAL_TOP - 250
        steam = curve([(x, y), (x + 16, y - height * 0.3), (x - 12, y - height * 0.65), (x + 10, y - height)])
        sheet.stroke(steam, "#ffffff", 13, blur=9, opacity=0.5)


def _draw_mug(
    sheet: Sheet, palette: Palette, *, x: float, foot: float, glaze: Fade, rim: str, tea: str
) -> None:
    top, rx, ry, height = foot - 208, 104.0, 25.0, 196.0
    draw_contact(sheet, palette, x, 92, y=foot + 4)
    handle = curve([(x + 88, top + 44), (x + 168, top + 40), (x + 172, top + 128), (x + 84, top + 150)])
    sheet.stroke(handle, palette.shade, 30, blur=8, opacity=0.28)
    sheet.stroke(handle, glaze.colours[2], 27)
    sheet.stroke(moved(handle, -4, -5), glaze.colours[1], 9, blur=4, opacity=0.8)
    body = cylinder(x, top, rx, ry, height, foot=86)
    sheet.fill(body, glaze)
    edge = curve(
        [(x - 120, top + 150), (x - 60, top + 168), (x, top + 160), (x + 60, top + 172), (x + 120, top + 158)]
    )
    sheet.fill([*edge, (x + 120, top + 260), (x - 120, top + 260)], _CLAY, inside=body)
    for dx, dy in _SPECKLES:
        sheet.fill(ellipse(x + dx, top + 26 + dy, 2.1, 1.7), "#7d6248", opacity=0.5, inside=body)
    sheet.fill(box(x - 80, top + 30, 26, 130, 13), "#ffffff", blur=9, opacity=0.65, inside=body)
    sheet.fill(box(x + 64, top, 60, 240), palette.shade, blur=22, opacity=0.35, inside=body)
    sheet.fill(ellipse(x, top, rx, ry), rim)
    hole = ellipse(x, top + 2, rx - 9, ry - 6)
    sheet.fill(hole, Fade((palette.shade, glaze.colours[2])))
    sheet.fill(ellipse(x, top + 14, rx - 14, ry - 8), Fade((tea, tea, "#a5784d")), inside=hole)


def draw_kettle(sheet: Sheet, palette: Palette) -> None:
    """An enamel kettle."""
    enamel = Fade(("#d6574a", "#ea7466", "#cf4d41", "#8f2c26"), "right")
    x, foot = 390.0, PEDESTAL_TOP + 6
    draw_contact(sheet, palette, x, 150, y=foot - 2, ry=22)
    bail = curve([(x - 112, 420), (x - 120, 300), (x, 236), (x + 120, 300), (x + 112, 420)])
    sheet.stroke(bail, "#3d3733", 13)
    sheet.stroke(moved(bail, -2, -3), "#8a8078", 3, opacity=0.7)
    sheet.stroke(curve([(x - 62, 254), (x, 236), (x + 62, 254)]), "#8a5a34", 25)
    sheet.stroke(curve([(x - 58, 248), (x, 231), (x + 58, 248)]), "#bd8752", 7, blur=2)
    spout = [
        *curve([(x + 118, 590), (x + 176, 540), (x + 190, 470), (x + 226, 404)]),
        *curve([(x + 256, 418), (x + 238, 500), (x + 214, 590), (x + 120, 630)]),
    ]
    sheet.fill(spout, Fade(("#c3463b", "#e36a5c", "#8f2c26"), "right"))
    sheet.stroke([(x + 222, 404), (x + 258, 418)], "#2f2a28", 9)
    side = curve(
        [
            (x - 96, 398),
            (x - 138, 450),
            (x - 166, 540),
            (x - 160, foot - 24),
            (x - 128, foot + 6),
            (x, foot + 16),
        ]
    )
    body = [*side, *mirrored(side, x)[::-1]]
    sheet.fill(body, enamel)
    sheet.fill(ellipse(x, foot + 14, 150, 26), "#7d251f", blur=16, opacity=0.6, inside=body)
    sheet.fill(ellipse(x - 82, 510, 22, 80), "#ffffff", blur=14, opacity=0.6, inside=body)
    sheet.fill(box(x + 90, 380, 90, 280), "#6e1f1b", blur=30, opacity=0.45, inside=body)
    for dx, dy in _SPECKLES:
        sheet.fill(ellipse(x + dx * 1.8, 420 + dy * 1.6, 2.6, 2.2), "#fff4ea", opacity=0.55, inside=body)
    lid = [*ellipse(x, 398, 98, 44, start=180, end=360), *ellipse(x, 398, 98, 20, start=0, end=180)]
    sheet.fill(lid, Fade(("#d6574a", "#f0897b", "#cf4d41", "#9c332b"), "right"))
    sheet.stroke(ellipse(x, 400, 98, 19, start=0, end=180), "#2f2a28", 6)
    sheet.fill(box(x - 9, 336, 18, 26, 6), "#2f2a28")
    sheet.fill(ellipse(x, 336, 21, 15), Fade(("#5b524c", "#2a2523")))
