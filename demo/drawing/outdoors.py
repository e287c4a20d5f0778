"""Things for a night outdoors: a lantern, a tent."""

from demo.drawing.backdrop import PEDESTAL_TOP, Palette, draw_contact
from demo.drawing.outlines import box, curve, cylinder, ellipse, mirrored, moved
from demo.drawing.sheet import Fade, Sheet


def draw_lantern(sheet: Sheet, palette: Palette) -> None:
    """A camping lantern, lit."""
    x, foot = 400.0, PEDESTAL_TOP + 4
    sheet.fill(ellipse(x, 430, 300, 300), "#ffd27a", blur=90, opacity=0.55)
    draw_contact(sheet, palette, x, 112, y=foot, ry=18)
    sheet.fill(ellipse(x, foot + 8, 190, 34), "#ffd98c", blur=26, opacity=0.6)
    brass = Fade(("#7d5a24", "#d9ab57", "#f6dc9a", "#b98a3d", "#6b4a1c"), "right")
    iron = Fade(("#23302c", "#4b615a", "#6d857d", "#33443f", "#17201d"), "right")
    handle = curve(
        [
            (x - 76, 336),
            (x - 128, 300),
            (x - 112, 210),
            (x, 168),
            (x + 112, 210),
            (x + 128, 300),
            (x + 76, 336),
        ]
    )
    sheet.stroke(handle, "#2b3733", 8)
    sheet.stroke(moved(handle, -1.5, -2), "#8aa19a", 2, opacity=0.7)
    glass = curve(
        [
            (x - 74, 350),
            (x - 100, 420),
            (x - 92, 500),
            (x - 70, 536),
            (x + 70, 536),
            (x + 92, 500),
            (x + 100, 420),
            (x + 74, 350),
        ],
        closed=True,
    )
    sheet.fill(glass, Fade(("#fffbe8", "#ffe7a6", "#f7c768"), "out"), opacity=0.95)
    flame = curve(
        [(x, 384), (x + 26, 440), (x + 20, 484), (x, 496), (x - 20, 484), (x - 26, 440)], closed=True
    )
    sheet.fill(flame, "#ffb43c", blur=12)
    sheet.fill(flame, Fade(("#fff8d8", "#ffd76b", "#ff9a2e")), blur=2)
    sheet.fill(ellipse(x, 466, 9, 22), "#ffffff", blur=4)
    sheet.fill(ellipse(x - 66, 440, 9, 56), "#ffffff", blur=4, opacity=0.85, inside=glass)
    for dx in (-88, 88):
        sheet.stroke(curve([(x + dx * 0.86, 340), (x + dx * 1.26, 440), (x + dx * 0.95, 546)]), "#2b3733", 6)
    sheet.stroke(curve([(x - 101, 440), (x, 462), (x + 101, 440)]), "#2b3733", 4.5)
    sheet.fill(cylinder(x, 300, 62, 12, 48, foot=82), iron)
    sheet.fill(cylinder(x, 268, 34, 8, 34, foot=52), iron)
    sheet.fill(ellipse(x, 268, 34, 8), "#7d958d")
    sheet.fill(cylinder(x, 536, 82, 14, 22), brass)
    sheet.fill(cylinder(x, 556, 104, 18, foot - 566, foot=116), iron)
    sheet.fill(box(x - 70, 576, 18, 60, 9), "#a9beb7", blur=6, opacity=0.6)
    sheet.fill(ellipse(x, 556, 104, 18), "#4e645d")
    sheet.fill(ellipse(x, 552, 84, 13), "#2b3733")
    sheet.fill(cylinder(x, 536, 82, 14, 14), brass)
    sheet.stroke([(x + 116, 600), (x + 142, 600)], "#6b4a1c", 7)
    sheet.fill(ellipse(x + 148, 600, 14, 16), brass)


def draw_tent(sheet: Sheet, palette: Palette) -> None:
    """A dome tent, lit from inside, under a tree or two."""
    x, foot = 400.0, PEDESTAL_TOP + 14
    for tx, size in ((196, 1.0), (612, 0.8), (250, 0.62)):
        _draw_tree(sheet, tx, foot - 10, size)
    draw_contact(sheet, palette, x, 196, y=foot, ry=20)
    sheet.fill(ellipse(x, foot + 8, 200, 30), "#ffd98c", blur=30, opacity=0.6)
    half = curve([(x, foot - 262), (x - 96, foot - 220), (x - 168, foot - 110), (x - 206, foot + 4)])
    dome = [
        *half,
        *curve([(x - 206, foot + 4), (x, foot + 22), (x + 206, foot + 4)]),
        *mirrored(half, x)[::-1],
    ]
    sheet.fill(dome, Fade(("#c0692f", "#e8954c", "#efa75e", "#d17a37", "#9a4f20"), "right"))
    for share in (0.52, -0.52):
        pole = curve([(x, foot - 262), (x + 150 * share, foot - 190), (x + 330 * share, foot + 14)])
        sheet.stroke(moved(pole, 4, 2), "#7a3d15", 9, blur=6, opacity=0.5, inside=dome)
        sheet.stroke(pole, "#f6d7a6", 4.5, inside=dome)
    sheet.fill(ellipse(x - 96, foot - 130, 36, 80), "#ffe2b5", blur=24, opacity=0.6, inside=dome)
    sheet.fill(box(x + 120, foot - 240, 100, 270), "#6b3312", blur=34, opacity=0.45, inside=dome)
    door = curve(
        [
            (x, foot - 176),
            (x - 54, foot - 110),
            (x - 86, foot + 14),
            (x, foot + 18),
            (x + 86, foot + 14),
            (x + 54, foot - 110),
        ],
        closed=True,
    )
    sheet.fill(door, Fade(("#fff3c4", "#ffd277", "#f0a23e"), "out"))
    for side in (-1, 1):
        flap = curve(
            [
                (x, foot - 180),
                (x + side * 50, foot - 116),
                (x + side * 92, foot + 16),
                (x + side * 44, foot + 4),
                (x + side * 40, foot - 80),
            ],
            closed=True,
        )
        sheet.fill(moved(flap, 0, 6), "#7a3d15", blur=7, opacity=0.45, inside=dome)
        sheet.fill(flap, Fade(("#f3b877", "#c9733a")))
        sheet.fill(ellipse(x + side * 58, foot - 60, 9, 7), "#8b4a1d")
    rug = curve([(x - 76, foot + 8), (x + 76, foot + 8), (x + 108, foot + 40), (x - 108, foot + 40)])
    sheet.fill([*rug], Fade(("#e9dcc3", "#cdb78f")))
    for line in range(4):
        y = foot + 14 + line * 7
        sheet.stroke([(x - 82 - line * 7, y), (x + 82 + line * 7, y)], "#b4553e", 2, opacity=0.7)
    for side in (-1, 1):
        sheet.stroke([(x + side * 168, foot - 108), (x + side * 252, foot + 16)], "#f4ead6", 2.4, opacity=0.9)
        sheet.stroke([(x + side * 252, foot + 8), (x + side * 250, foot + 24)], "#5c4a37", 5)
    sheet.fill(
        [(x - 4, foot - 300), (x + 44, foot - 286), (x - 4, foot - 272)],
        Fade(("#5f9fb8", "#3f7c94"), "right"),
    )
    sheet.stroke([(x - 4, foot - 302), (x - 4, foot - 258)], "#6b4a2c", 4)


def _draw_tree(sheet: Sheet, x: float, foot: float, size: float) -> None:
    sheet.fill(
        box(x - 9 * size, foot - 60 * size, 18 * size, 66 * size), Fade(("#8a6440", "#5c3f26"), "right")
    )
    for row, (rise, rx) in enumerate(((60, 70), (132, 58), (198, 42))):
        y = foot - rise * size
        crown = [(x, y - 110 * size), (x + rx * size, y + 8), (x, y + 18 * size), (x - rx * size, y + 8)]
        sheet.fill(moved(crown, 2, 5), "#23402f", blur=6, opacity=0.35)
        sheet.fill(crown, Fade((("#6f9a77", "#7da985", "#8cb893")[row], "#3f6b4d"), "right"))
