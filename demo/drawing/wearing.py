"""Things to wear: a jacket, a lipstick, headphones."""

from demo.drawing.backdrop import PEDESTAL_TOP, Palette, draw_contact
from demo.drawing.outlines import box, curve, cylinder, ellipse, mirrored, moved, turned
from demo.drawing.sheet import Fade, Sheet


def draw_jacket(sheet: Sheet, palette: Palette) -> None:
    """A wool jacket on a wooden hanger."""
    x = 400.0
    wool = Fade(("#b98652", "#d3a472", "#c2915c", "#94653a"), "right")
    dark, seam = "#7a4f2a", "#8c5f36"
    hem = curve([(x - 158, 632), (x - 70, 646), (x, 642)])
    side = [
        *curve([(x - 40, 182), (x - 92, 204), (x - 150, 226), (x - 172, 262)]),
        *curve([(x - 148, 330), (x - 150, 430), (x - 156, 540), (x - 158, 632)]),
    ]
    body = [*side, *hem[1:], *mirrored([*side, *hem[1:]], x)[::-1]]
    sleeve = [
        *curve([(x - 128, 214), (x - 176, 240), (x - 206, 330), (x - 228, 450), (x - 238, 560)]),
        *curve([(x - 232, 580), (x - 204, 588), (x - 176, 578)]),
        *curve([(x - 166, 480), (x - 146, 380), (x - 130, 300)]),
    ]
    for outline in (body, sleeve, mirrored(sleeve, x)):
        sheet.fill(moved(outline, 22, 26), palette.shade, blur=24, opacity=0.32)
    sheet.fill(ellipse(x + 20, PEDESTAL_TOP + 22, 190, 30), palette.shade, blur=20, opacity=0.35)

    hook = curve([(x, 176), (x, 152), (x + 20, 138), (x + 13, 114), (x - 10, 113), (x - 20, 128)])
    sheet.stroke(hook, "#9a8d80", 7)
    sheet.stroke(moved(hook, -1.5, -1), "#efe9e1", 2)
    sheet.stroke(curve([(x - 96, 210), (x - 40, 180), (x, 170), (x + 40, 180), (x + 96, 210)]), "#a8743f", 17)

    for arm, light in ((sleeve, 0.55), (mirrored(sleeve, x), 0.25)):
        middle = sum(point[0] for point in arm) / len(arm)
        sheet.fill(arm, wool)
        sheet.stroke(
            curve([(middle - 4, 270), (middle - 12, 420), (middle - 18, 560)]),
            "#f0cfa5",
            22,
            blur=14,
            opacity=light,
            inside=arm,
        )
        sheet.stroke(arm, dark, 5, blur=5, opacity=0.6, inside=arm)
        for line in (0, 9):
            cuff = curve([(middle - 66, 546 - line), (middle, 556 - line), (middle + 66, 540 - line)])
            sheet.stroke(cuff, seam, 2, opacity=0.8, inside=arm)

    sheet.fill(body, wool)
    sheet.fill(box(x - 132, 300, 52, 330, 26), "#f0cfa5", blur=26, opacity=0.55, inside=body)
    sheet.fill(box(x + 88, 240, 90, 420), "#6b4322", blur=34, opacity=0.4, inside=body)
    for fold in (-104, -58, 74, 120):
        sheet.stroke(
            curve([(x + fold, 470), (x + fold + 8, 560), (x + fold - 4, 640)]),
            dark,
            9,
            blur=9,
            opacity=0.3,
            inside=body,
        )
    sheet.stroke(body, dark, 6, blur=6, opacity=0.5, inside=body)

    shirt = [(x - 40, 184), (x + 40, 184), (x + 6, 336), (x - 2, 336)]
    sheet.fill(shirt, Fade(("#e9dfd2", "#fffaf3")))
    sheet.fill(
        [(x - 40, 184), (x + 40, 184), (x + 30, 214), (x - 30, 214)],
        "#3b281a",
        blur=9,
        opacity=0.6,
        inside=shirt,
    )
    sheet.stroke(curve([(x + 3, 336), (x + 6, 480), (x + 4, 642)]), dark, 3, opacity=0.8, inside=body)
    sheet.stroke(
        curve([(x + 9, 340), (x + 12, 480), (x + 10, 642)]), dark, 9, blur=6, opacity=0.4, inside=body
    )

    lapel = [(x - 42, 180), (x - 82, 246), (x - 60, 262), (x - 74, 280), (x + 2, 372), (x - 26, 262)]
    for flap in (mirrored(lapel, x + 2), lapel):
        sheet.fill(moved(flap, 3, 8), "#4b2f18", blur=7, opacity=0.45, inside=body)
        sheet.fill(flap, Fade(("#d9ad7c", "#bd8a56")))
        sheet.stroke([*flap, flap[0]], seam, 2, opacity=0.7)
    collar = curve([(x - 42, 182), (x - 20, 168), (x, 164), (x + 20, 168), (x + 42, 182)])
    sheet.stroke(collar, "#b07d4a", 13)
    sheet.stroke(moved(collar, 0, -3), "#e3bd90", 3, blur=1, opacity=0.8)

    for y in (402, 480, 558):
        sheet.fill(ellipse(x - 8, y + 3, 11, 11), dark, blur=3, opacity=0.6)
        sheet.fill(ellipse(x - 10, y, 10, 10), Fade(("#6d4a2e", "#3c2616")))
        sheet.stroke(ellipse(x - 10, y, 6, 6, start=190, end=320), "#c9a27c", 1.6, opacity=0.8)
    for pocket in (box(x - 124, 500, 84, 26, 5), box(x + 46, 500, 84, 26, 5)):
        sheet.fill(moved(pocket, 2, 6), "#4b2f18", blur=5, opacity=0.45)
        sheet.fill(pocket, Fade(("#d2a270", "#b9864f")))
        sheet.stroke(pocket, seam, 1.8, opacity=0.7)


def draw_lipstick(sheet: Sheet, palette: Palette) -> None:
    """An open lipstick, its cap beside it."""
    foot = PEDESTAL_TOP + 6
    gold = Fade(("#8f6a3a", "#e6c58d", "#fff3d2", "#d3a763", "#7c5527"), "right")
    lacquer = Fade(("#2b1a1e", "#5b3c42", "#8a6a70", "#3a242a", "#170d10"), "right")
    draw_contact(sheet, palette, 336, 66, y=foot)
    draw_contact(sheet, palette, 498, 66, y=foot - 18)

    cap = cylinder(498, foot - 228, 60, 14, 210)
    sheet.fill(cap, lacquer)
    sheet.fill(box(462, foot - 220, 12, 200, 6), "#ffffff", blur=4, opacity=0.65, inside=cap)
    sheet.fill(cylinder(498, foot - 44, 61, 14, 28), gold)
    sheet.fill(ellipse(498, foot - 228, 60, 14), Fade(("#6d4e55", "#40282e")))
    sheet.stroke(ellipse(498, foot - 228, 46, 9), "#caa46b", 1.6, opacity=0.8)

    x = 336.0
    sheet.fill(cylinder(x, foot - 134, 62, 14, 134), lacquer)
    sheet.fill(box(x - 40, foot - 124, 11, 120, 6), "#ffffff", blur=4, opacity=0.6)
    sheet.fill(cylinder(x, foot - 146, 62, 14, 18), gold)
    sheet.fill(ellipse(x, foot - 146, 62, 14), "#c99d5a")
    tube = cylinder(x, foot - 256, 48, 11, 112)
    sheet.fill(tube, gold)
    sheet.fill(box(x - 50, foot - 170, 100, 30), "#6b4a20", blur=9, opacity=0.5, inside=tube)
    sheet.fill(ellipse(x, foot - 256, 48, 11), "#7c5527")
    bullet = [
        *curve(
            [
                (x - 39, foot - 256),
                (x - 39, foot - 330),
                (x - 36, foot - 362),
                (x - 10, foot - 400),
                (x + 22, foot - 428),
                (x + 37, foot - 416),
            ]
        ),
        *curve(
            [
                (x + 39, foot - 380),
                (x + 39, foot - 300),
                (x + 39, foot - 256),
                (x, foot - 247),
                (x - 39, foot - 256),
            ]
        ),
    ]
    rose = Fade(("#a8324a", "#d75a70", "#e27c8c", "#b53c54", "#7d1f35"), "right")
    sheet.fill(bullet, rose)
    sheet.fill(box(x - 26, foot - 350, 10, 90, 5), "#ffd9de", blur=5, opacity=0.8, inside=bullet)
    slant = turned(ellipse(x + 4, foot - 374, 50, 23), -54, (x + 4, foot - 374))
    sheet.fill(slant, Fade(("#ee96a3", "#cf566d")), opacity=0.92, inside=bullet)
    sheet.stroke(slant, "#f7bcc4", 2, blur=1, opacity=0.8, inside=bullet)


def draw_headphones(sheet: Sheet, palette: Palette) -> None:
    """Wireless headphones, standing."""
    x, y = 400.0, 474.0
    ivory = Fade(("#cfc9c2", "#fbf8f4", "#f3efe9", "#b7aea5"), "right")
    dark = Fade(("#3a3a44", "#5c5c69", "#24242c"), "right")
    draw_contact(sheet, palette, x - 140, 70, y=PEDESTAL_TOP + 2)
    draw_contact(sheet, palette, x + 140, 70, y=PEDESTAL_TOP + 2)
    band = curve(
        [
            (x - 166, 470),
            (x - 172, 350),
            (x - 120, 232),
            (x, 190),
            (x + 120, 232),
            (x + 172, 350),
            (x + 166, 470),
        ]
    )
    sheet.stroke(moved(band, 18, 18), palette.shade, 34, blur=18, opacity=0.25)
    inner = [(x + (px - x) * 0.93, py + 15) for px, py in band]
    sheet.stroke(inner, "#4b4b57", 30)
    sheet.stroke(moved(inner, 0, 5), "#2a2a33", 16, blur=5, opacity=0.9)
    sheet.stroke(band, ivory, 26)
    sheet.stroke(moved(band, -1, -6), "#ffffff", 6, blur=3, opacity=0.9)
    sheet.stroke(moved(band, 2, 9), "#8f867d", 4, blur=3, opacity=0.5)
    for side in (-1, 1):
        slider = box(x + side * 167 - 11, 352, 22, 96, 8)
        sheet.fill(slider, Fade(("#8d8d97", "#e9e9ee", "#7b7b86"), "right"))
        cushion = turned(ellipse(x + side * 126, y + 62, 50, 112), side * 4, (x + side * 126, y + 62))
        shell = turned(ellipse(x + side * 166, y + 60, 62, 116), side * 6, (x + side * 166, y + 60))
        sheet.fill(cushion, dark)
        sheet.stroke(cushion, "#75757f", 5, blur=4, opacity=0.6, inside=cushion)
        sheet.fill(moved(shell, side * -8, 4), "#1c1c22", blur=7, opacity=0.5, inside=cushion)
        sheet.fill(shell, ivory)
        sheet.stroke(shell, "#968c82", 8, blur=7, opacity=0.6, inside=shell)
        sheet.fill(
            ellipse(x + side * 166 - 22, y + 10, 14, 54), "#ffffff", blur=10, opacity=0.95, inside=shell
        )
        plate = turned(ellipse(x + side * 174, y + 60, 36, 78), side * 6, (x + side * 174, y + 60))
        sheet.fill(plate, Fade(("#e9e3dc", "#cfc6bc")))
        sheet.stroke(plate, "#ffffff", 2, opacity=0.8)
        sheet.stroke(moved(plate, 1.5, 2), "#9d9388", 1.6, opacity=0.5)
        sheet.fill(ellipse(x + side * 176, y + 60, 9, 12), Fade(("#e8b27d", "#b87b45")))
