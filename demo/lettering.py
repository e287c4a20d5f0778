"""The letters burned into the demo's picture."""

from functools import cache
from pathlib import Path
from typing import cast

from django.conf import settings
from PIL import ImageFont

_PRETENDARD = "pretendard/dist/public/static/Pretendard-{weight}.otf"


@cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont | None:
    """The site's typeface; None where the browser libraries are not installed."""
    path = Path(settings.NODE_MODULES) / _PRETENDARD.format(weight=weight)
    return ImageFont.truetype(str(path), size) if path.exists() else None


def clock_font(folder: Path) -> Path:
    """A font file for a running clock: Pillow's own, whose figures are all of one width (so nothing trembles)."""
    path = folder / "clock.ttf"
    if not path.exists():
        path.write_bytes(cast(ImageFont.FreeTypeFont, ImageFont.load_default(24)).font_bytes)
    return path
