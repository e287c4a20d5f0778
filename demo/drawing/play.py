"""Things to play and make things with: blocks, a bear, yarn."""

from demo.drawing.backdrop import PEDESTAL_TOP, Palette, draw_contact
from demo.drawing.outlines import Point, box, curve, cylinder, ellipse, moved, turned
from demo.drawing.sheet import Fade, Sheet


def draw_blocks(sheet: Sheet, palette: Palette) -> None:
    """A little castle of wooden blocks."""
    foot = PEDESTAL_TOP + 10
    draw_contact(sheet, palette, 392, 190, y=foot, ry=18)
    _draw_block(sheet, 232, foot - 120, 112, 120, "#e9a03f", "#c47d22")
    _draw_block(sheet, 452, foot - 120, 112, 120, "#5f9fb8", "#3f7c94")
    _draw_block(sheet, 344, foot - 44, 108, 44, "#e8c79a", "#c29d6a")
    pillar = cylinder(398, foot - 120, 30, 8, 76)
    sheet.fill(pillar, Fade(("#c45b4b", "#ea8a7a", "#d8705f", "#9c4135"), "right"))
    _draw_block(sheet, 232, foot - 164, 332, 44, "#f1d9b2", "#cfae7b")
    arch = [
        (262, foot - 164),
        (262, foot - 262),
        (534, foot - 262),
        (534, foot - 164),
        *ellipse(398, foot - 164, 62, 62, start=360, end=180),
    ]
    sheet.fill(moved(arch, 6, 6), "#5c4630", blur=8, opacity=0.35)
    sheet.fill(arch, Fade(("#a3bf8f", "#86a672", "#6f905d"), "right"))
    sheet.stroke([(264, foot - 260), (532, foot - 260)], "#cfe0c0", 4, opacity=0.9)
    sheet.stroke(
        ellipse(398, foot - 164, 62, 62, start=182, end=358), "#587748", 7, blur=3, opacity=0.7, inside=arch
    )
    _draw_block(sheet, 286, foot - 340, 78, 78, "#d8705f", "#b14f40")
    _draw_block(sheet, 432, foot - 340, 78, 78, "#f0bf5f", "#d19a35")
    for x, light, dark in ((325, "#6fb0c9", "#417f97"), (471, "#8fae7c", "#5f8050")):
        roof = [(x, foot - 408), (x + 54, foot - 340), (x - 54, foot - 340)]
        sheet.fill(moved(roof, 4, 4), "#5c4630", blur=6, opacity=0.3)
        sheet.fill(roof, Fade((light, dark), "right"))
    sheet.fill(cylinder(398, foot - 320, 24, 7, 58), Fade(("#e8c79a", "#fbe6c4", "#c29d6a"), "right"))
    sheet.fill(ellipse(398, foot - 346, 26, 26), Fade(("#ffd9a0", "#ef9d5b", "#c9723a"), "out"))
    sheet.fill(ellipse(390, foot - 356, 7, 6), "#ffffff", blur=3, opacity=0.9)


def _draw_block(sheet: Sheet, x: float, y: float, width: float, height: float, light: str, dark: str) -> None:
    sheet.fill(box(x + 5, y + 6, width, height, 5), "#5c4630", blur=7, opacity=0.3)
    block = box(x, y, width, height, 5)
    sheet.fill(block, Fade((light, dark), "right"))
    sheet.stroke([(x + 4, y + 3), (x + width - 4, y + 3)], "#ffffff", 3, blur=1, opacity=0.6)
    for line in range(1, 4):
        grain = curve(
            [
                (x + 6, y + height * line / 4),
                (x + width / 2, y + height * line / 4 + 4),
                (x + width - 6, y + height * line / 4 - 2),
            ]
        )
        sheet.stroke(grain, dark, 1.6, opacity=0.45)


def draw_bear(sheet: Sheet, palette: Palette) -> None:
    """A teddy bear with a scarf."""
    x, foot = 400.0, PEDESTAL_TOP + 4
    fur = Fade(("#dcb083", "#c69365", "#a06f45"), "out")
    draw_contact(sheet, palette, x, 150, y=foot + 6, ry=20)
    for side in (-1, 1):
        _draw_plush(sheet, ellipse(x + side * 84, foot - 396, 44, 44), fur)
        sheet.fill(ellipse(x + side * 84, foot - 392, 24, 24), "#efd3b0", blur=3)
        _draw_plush(
            sheet,
            turned(ellipse(x + side * 118, foot - 140, 40, 84), side * -32, (x + side * 118, foot - 140)),
            fur,
        )
    _draw_plush(sheet, ellipse(x, foot - 118, 118, 128), fur)
    sheet.fill(ellipse(x, foot - 104, 72, 84), "#f0d7b6", blur=5, opacity=0.95)
    for side in (-1, 1):
        _draw_plush(sheet, ellipse(x + side * 104, foot - 36, 66, 48), fur)
        sheet.fill(ellipse(x + side * 112, foot - 32, 36, 29), "#f0d7b6", blur=3)
    _draw_plush(
        sheet,
        curve(
            [
                (x - 136, foot - 300),
                (x - 112, foot - 388),
                (x, foot - 428),
                (x + 112, foot - 388),
                (x + 136, foot - 300),
                (x + 90, foot - 222),
                (x, foot - 204),
                (x - 90, foot - 222),
            ],
            closed=True,
        ),
        fur,
    )
    sheet.fill(ellipse(x, foot - 262, 62, 47), "#f3dfc4", blur=4)
    for side in (-1, 1):
        sheet.fill(ellipse(x + side * 56, foot - 318, 12, 13), "#2e2018")
        sheet.fill(ellipse(x + side * 56 - 4, foot - 323, 4, 4), "#ffffff")
        sheet.fill(ellipse(x + side * 88, foot - 276, 22, 15), "#e88f7d", blur=9, opacity=0.6)
    sheet.fill(
        curve([(x - 20, foot - 290), (x, foot - 296), (x + 20, foot - 290), (x, foot - 270)], closed=True),
        "#3a271c",
    )
    sheet.stroke(
        curve(
            [
                (x - 22, foot - 246),
                (x - 10, foot - 240),
                (x, foot - 252),
                (x + 10, foot - 240),
                (x + 22, foot - 246),
            ]
        ),
        "#3a271c",
        4,
    )
    sheet.stroke([(x, foot - 272), (x, foot - 252)], "#3a271c", 4)
    scarf = curve(
        [
            (x - 96, foot - 214),
            (x, foot - 188),
            (x + 96, foot - 214),
            (x + 100, foot - 184),
            (x, foot - 152),
            (x - 100, foot - 184),
        ],
        closed=True,
    )
    tail = [(x + 34, foot - 176), (x + 84, foot - 186), (x + 98, foot - 76), (x + 50, foot - 70)]
    for cloth in (tail, scarf):
        sheet.fill(moved(cloth, 2, 8), "#6d4424", blur=8, opacity=0.45)
        sheet.fill(cloth, Fade(("#c5483f", "#df6a5e", "#a93830"), "right"))
    for row in range(3):
        sheet.stroke(
            [(x + 40, foot - 150 + row * 26), (x + 92, foot - 156 + row * 26)],
            "#f6d8c8",
            5,
            opacity=0.9,
            inside=tail,
        )
    for dx in (-70, -35, 0, 35, 70):
        sheet.stroke(
            [(x + dx, foot - 215), (x + dx * 1.04, foot - 150)], "#f6d8c8", 5, opacity=0.9, inside=scarf
        )


def _draw_plush(sheet: Sheet, outline: list[Point], fur: Fade) -> None:
    sheet.fill(moved(outline, 4, 9), "#5f3d20", blur=10, opacity=0.35)
    sheet.fill(outline, fur, blur=1.6)
    sheet.stroke(outline, "#7d5230", 12, blur=10, opacity=0.35, inside=outline)


def draw_yarn(sheet: Sheet, palette: Palette) -> None:
    """Three balls of wool and a pair of needles."""
    foot = PEDESTAL_TOP + 8
    for tilt, x in ((28, 470), (-20, 420)):
        needle = turned(box(x - 6, foot - 430, 12, 360, 6), tilt, (x, foot - 150))
        sheet.fill(needle, Fade(("#c99b62", "#f0cf9f", "#a87a45"), "right"))
        knob = turned([(x, foot - 436)], tilt, (x, foot - 150))[0]
        sheet.fill(ellipse(*knob, 15, 15), Fade(("#f2b7a6", "#cf6f5d"), "out"))
    _draw_ball(sheet, palette, (404, foot - 196), 104, ("#f6ead6", "#e4cfae", "#b79a70"), y=None)
    _draw_ball(sheet, palette, (282, foot - 84), 100, ("#f0a08e", "#d97565", "#a1483c"), y=foot + 8)
    _draw_ball(sheet, palette, (510, foot - 80), 98, ("#9fc0b6", "#73a094", "#457266"), y=foot + 8)
    loose = curve(
        [
            (560, foot - 6),
            (600, foot + 20),
            (520, foot + 34),
            (420, foot + 26),
            (340, foot + 38),
            (250, foot + 30),
        ]
    )
    sheet.stroke(moved(loose, 2, 4), palette.shade, 6, blur=4, opacity=0.5)
    sheet.stroke(loose, "#73a094", 6)
    sheet.stroke(moved(loose, 0, -1.5), "#b4d3ca", 2, opacity=0.8)


def _draw_ball(
    sheet: Sheet, palette: Palette, middle: Point, r: float, wool: tuple[str, str, str], *, y: float | None
) -> None:
    cx, cy = middle
    if y is not None:
        draw_contact(sheet, palette, cx, r * 0.8, y=y)
    ball = ellipse(cx, cy, r, r)
    sheet.fill(moved(ball, 4, 8), palette.shade, blur=12, opacity=0.35)
    sheet.fill(ball, wool[1])
    for turn, strands in ((18, range(-5, 6)), (-52, range(-6, 1)), (74, range(1, 6))):
        for strand in strands:
            bow = strand * r * 0.17
            thread = curve(
                [(cx - r * 1.02, cy + bow * 0.5), (cx, cy + bow * 1.25), (cx + r * 1.02, cy + bow * 0.5)]
            )
            thread = turned(thread, turn, middle)
            sheet.stroke(moved(thread, 1, 3), wool[2], 5, opacity=0.55, inside=ball)
            sheet.stroke(thread, wool[0], 5, opacity=0.75, inside=ball)
    sheet.fill(
        ellipse(cx + r * 0.55, cy + r * 0.6, r * 0.8, r * 0.7),
        wool[2],
        blur=r * 0.3,
        opacity=0.6,
        inside=ball,
    )
    sheet.fill(
        ellipse(cx - r * 0.4, cy - r * 0.45, r * 0.4, r * 0.32),
        "#ffffff",
        blur=r * 0.2,
        opacity=0.45,
        inside=ball,
    )
