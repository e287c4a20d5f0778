"""Pictures people upload: checked, turned upright, stripped of metadata, and re-encoded as WebP."""

import io
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import DomainError
from media_pipeline.refusals import words

MAX_PIXELS = 40_000_000
LONGEST_EDGE = 1600
AVATAR_EDGE = 256
"""Shown at 64 CSS pixels at most, on screens of up to four times the resolution."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


class BadImage(DomainError):
    """The file is not a picture we take: `code` is one of `media_pipeline.refusals`, `message` its words."""

    def __init__(self, code: str) -> None:
        super().__init__(words(code))
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A picture as browsers get it: `content` is WebP, the sides are pixels."""

    content: bytes
    width: int
    height: int


def reencode(file: IO[bytes], *, longest_edge: int = LONGEST_EDGE) -> Picture:
    """Return the picture as WebP, its longest edge at most `longest_edge` pixels.

    Raises BadImage for what is not a picture or too large; the pixel count is read from the header, before
    anything is decoded.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadImage("picture_too_large")
            upright = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
            upright.thumbnail((longest_edge, longest_edge))
            output = io.BytesIO()
            upright.save(output, "WEBP", quality=82, method=4)
    except Image.DecompressionBombError as error:
        raise BadImage("picture_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadImage("not_a_picture") from error
    return Picture(output.getvalue(), *upright.size)
