"""Things to eat: a jar of honey."""

from demo.drawing.backdrop import PEDESTAL_TOP, Palette, draw_contact
from demo.drawing.outlines import Point, box, curve, ellipse, mirrored, moved, turned
from demo.drawing.sheet import Fade, Sheet


def draw_honey(sheet: Sheet, palette: Palette) -> None:
    """A jar of honey under a linen cloth, with a dipper."""
    x, foot = 366.0, PEDESTAL_TOP + 6
    top = foot - 268
    sheet.fill(ellipse(x + 120, foot + 16, 210, 26), "#ffc44d", blur=22, opacity=0.55)
    draw_contact(sheet, palette, x, 128, y=foot - 2, ry=20)
    side = curve(
        [
            (x - 98, top + 4),
            (x - 122, top + 40),
            (x - 128, top + 120),
            (x - 126, foot - 30),
            (x - 108, foot + 8),
            (x, foot + 18),
        ]
    )
    jar = [*side, *mirrored(side, x)[::-1]]
    sheet.fill(jar, Fade(("#c9780f", "#f2a92a", "#ffc95a", "#f0a01f", "#a95f08"), "right"))
    sheet.fill(ellipse(x + 24, foot - 70, 84, 90), "#ffe08a", blur=36, opacity=0.8, inside=jar)
    sheet.fill(box(x - 140, foot - 26, 280, 60), "#8a4a04", blur=20, opacity=0.55, inside=jar)
    for dx, dy, r in ((-62, 190, 6), (-40, 224, 4), (70, 206, 5), (86, 120, 4), (-84, 130, 4), (54, 236, 3)):
        sheet.fill(ellipse(x + dx, top + dy, r, r), "#fff0bd", opacity=0.75)
    sheet.fill(box(x - 106, top + 40, 20, 190, 10), "#ffffff", blur=7, opacity=0.85, inside=jar)
    sheet.fill(box(x + 96, top + 50, 9, 170, 5), "#fff3cf", blur=4, opacity=0.8, inside=jar)

    label = box(x - 74, top + 92, 148, 120, 12)
    sheet.fill(moved(label, 3, 6), "#8a4a04", blur=8, opacity=0.4, inside=jar)
    sheet.fill(label, Fade(("#fffdf5", "#f6ead0"), "right"))
    sheet.stroke(box(x - 66, top + 100, 132, 104, 8), "#d7a44c", 1.8)
    _draw_bee(sheet, x, top + 152)

    cloth = curve(
        [
            (x - 118, top - 12),
            (x - 104, top - 46),
            (x - 40, top - 64),
            (x + 44, top - 63),
            (x + 106, top - 46),
            (x + 120, top - 12),
            (x + 138, top + 44),
            (x + 108, top + 32),
            (x + 82, top + 56),
            (x + 46, top + 38),
            (x + 8, top + 60),
            (x - 30, top + 38),
            (x - 66, top + 56),
            (x - 98, top + 32),
            (x - 136, top + 46),
        ],
        closed=True,
    )
    sheet.fill(moved(cloth, 3, 10), "#7a4306", blur=9, opacity=0.4, inside=jar)
    sheet.fill(cloth, Fade(("#e8dcc6", "#fbf5e9", "#f1e7d4", "#cbb994"), "right"))
    for dx in (-110, -78, -46, -12, 24, 60, 94):
        fold = curve([(x + dx * 0.93, top + 4), (x + dx * 1.08, top + 26), (x + dx * 1.16, top + 48)])
        sheet.stroke(fold, "#a58c60", 6, blur=4, opacity=0.5, inside=cloth)
    for row in range(4):
        dots = [(x + dx + (row % 2) * 18, top - 46 + row * 20) for dx in range(-108, 110, 36)]
        for dot in dots:
            sheet.fill(ellipse(*dot, 3, 2.6), "#d99a3c", opacity=0.75, inside=cloth)
    string = curve([(x - 114, top - 8), (x - 50, top + 8), (x + 40, top + 9), (x + 116, top - 8)])
    sheet.stroke(moved(string, 0, 3), "#7a4306", 6, blur=3, opacity=0.4)
    sheet.stroke(string, "#b5793b", 6)
    for loop in (ellipse(x - 18, top + 16, 20, 11), ellipse(x + 26, top + 17, 20, 11)):
        sheet.stroke(loop, "#b5793b", 4.5)
    sheet.fill(ellipse(x + 4, top + 8, 8, 7), "#9c6430")

    _draw_dipper(sheet, palette, (540.0, foot - 14))


def _draw_bee(sheet: Sheet, x: float, y: float) -> None:
    for wing in (
        turned(ellipse(x - 6, y - 26, 15, 24), -28, (x, y)),
        turned(ellipse(x + 10, y - 26, 15, 24), 22, (x, y)),
    ):
        sheet.fill(wing, "#dfeaf2", opacity=0.95)
        sheet.stroke(wing, "#9db2c2", 1.6)
    body = ellipse(x, y, 36, 25)
    sheet.fill(body, Fade(("#ffd35c", "#eda51f")))
    for dx in (-14, 4, 22):
        sheet.fill(box(x + dx - 5, y - 30, 9, 60), "#3a2a17", inside=body)
    sheet.fill(ellipse(x - 36, y, 15, 15), "#3a2a17")
    sheet.fill(ellipse(x - 41, y - 3, 3, 3), "#ffffff")


def _draw_dipper(sheet: Sheet, palette: Palette, head: Point) -> None:
    x, y = head
    wood = Fade(("#8f5c2c", "#d9a266", "#e8bb84", "#a26c37"), "right")
    draw_contact(sheet, palette, x, 40, y=y + 22, ry=10)
    tilt = 24.0
    sheet.fill(turned(box(x - 7, y - 300, 14, 270, 7), tilt, head), wood)
    for row, rx in enumerate((26, 36, 41, 41, 36, 26)):
        ring = ellipse(x, y - 40 + row * 14, rx, 10)
        sheet.fill(turned(moved(ring, 0, 4), tilt, head), "#6b3f17")
        sheet.fill(turned(ring, tilt, head), wood)
    drip = curve(
        [
            (x - 30, y + 4),
            (x - 38, y + 22),
            (x - 20, y + 34),
            (x + 16, y + 32),
            (x + 22, y + 12),
            (x - 2, y + 2),
        ],
        closed=True,
    )
    sheet.fill(drip, Fade(("#ffc23e", "#e28a0c")), opacity=0.92)
    sheet.fill(ellipse(x - 20, y + 14, 7, 5), "#fff3cf", blur=2, opacity=0.9)
