"""Outlines to paint: lists of points. Curves are given by the points they run through."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Outline = list[Point]


def ellipse(x: float, y: float, rx: float, ry: float, *, start: float = 0, end: float = 360) -> Outline:
    """The ellipse around (x, y), or the part of its rim between two angles (degrees, clockwise from the right)."""
    steps = max(24, int(max(rx, ry) / 2))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> Outline:
    """A rectangle from its top left corner, with round corners."""
    radius = min(radius, width / 2, height / 2)
    if not radius:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    right, bottom = x + width - radius, y + height - radius
    return [
        *ellipse(right, bottom, radius, radius, start=0, end=90),
        *ellipse(x + radius, bottom, radius, radius, start=90, end=180),
        *ellipse(x + radius, y + radius, radius, radius, start=180, end=270),
        *ellipse(right, y + radius, radius, radius, start=270, end=360),
    ]


def cylinder(
    x: float, top: float, rx: float, ry: float, height: float, *, foot: float | None = None
) -> Outline:
    """A standing cylinder around x seen slightly from above; `foot` is its radius at the bottom if it tapers."""
    foot = rx if foot is None else foot
    return [
        *ellipse(x, top, rx, ry, start=180, end=360),
        *ellipse(x, top + height, foot, ry * foot / rx, start=0, end=180),
    ]


def curve(points: Sequence[Point], *, closed: bool = False) -> Outline:
    """A smooth curve through the points (Catmull-Rom)."""
    through = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    smooth: Outline = []
    for before, start, end, after in zip(through, through[1:], through[2:], through[3:], strict=False):
        for step in range(16):
            t = step / 16
            smooth.append(
                (
                    _between(before[0], start[0], end[0], after[0], t),
                    _between(before[1], start[1], end[1], after[1], t),
                )
            )
    return smooth if closed else [*smooth, points[-1]]


def _between(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


def mirrored(outline: Sequence[Point], axis: float) -> Outline:
    """The outline seen in a mirror standing at x = axis."""
    return [(2 * axis - x, y) for x, y in outline]


def moved(outline: Sequence[Point], dx: float, dy: float) -> Outline:
    """The outline somewhere else."""
    return [(x + dx, y + dy) for x, y in outline]


def turned(outline: Sequence[Point], degrees: float, around: Point) -> Outline:
    """The outline turned clockwise around a point."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = around
    return [(cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos) for x, y in outline]
