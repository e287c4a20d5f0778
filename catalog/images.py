"""Pictures people upload: checked, turned upright, stripped of metadata, and re-encoded as WebP."""

import io
import secrets

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import DomainError

MAX_PIXELS = 40_000_000
LONGEST_EDGE = 1600
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


class BadImage(DomainError):
    """The file is not a picture we take; `message` says why."""

    code = "bad_image"


def reencode(upload: UploadedFile) -> ContentFile:
    """Return the picture as WebP with a random name, its longest edge at most LONGEST_EDGE pixels.

    Raises BadImage for what is not a picture or too large; the pixel count is read from the header, before
    anything is decoded.
    """
    try:
        with Image.open(upload, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadImage(_("사진이 너무 커요. 4천만 화소 이하로 올려 주세요."))
            upright = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
            upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            output = io.BytesIO()
            upright.save(output, "WEBP", quality=82, method=4)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadImage(_("사진 파일이 아니거나 손상됐어요. JPG, PNG, WebP 파일을 올려 주세요.")) from error
    return ContentFile(output.getvalue(), name=f"{secrets.token_hex(12)}.webp")
