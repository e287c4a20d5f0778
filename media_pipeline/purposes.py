"""What may be announced for each purpose of an asset.

This turns away what cannot be right before a byte travels. What a file really is, is found out when it is there
(`media_pipeline.checking`): a browser's content type is only its guess from the file's name.
"""

from dataclasses import dataclass

from django.conf import settings

from common.errors import DomainError
from media_pipeline.models import Asset
from media_pipeline.refusals import words

Purpose = Asset.Purpose

VIDEO_TYPES = (
    "video/mp4",
    "video/quicktime",
    "video/x-m4v",
    "video/webm",
    "video/x-matroska",
    "video/matroska",
    "video/x-msvideo",
    "video/avi",
    "video/mp2t",
    "video/3gpp",
    "video/x-flv",
)
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif")
VIDEO_SUFFIXES = (".mkv", ".mts", ".m2ts")
"""For file choosers of systems that know no type for these."""


class AnnouncementRefused(DomainError):
    """What was announced will not be taken: `code` is one of `media_pipeline.refusals`, `message` its words."""

    def __init__(self, code: str) -> None:
        super().__init__(words(code))
        self.code = code


@dataclass(frozen=True)
class Kind:
    """What goes for all videos, or for all pictures."""

    types: tuple[str, ...]
    limit_setting: str
    """Name of the setting that holds the most bytes."""
    accept: str
    """The file chooser's `accept` attribute."""

    @property
    def max_bytes(self) -> int:
        return int(getattr(settings, self.limit_setting))


VIDEO = Kind(VIDEO_TYPES, "VIDEO_MAX_BYTES", ",".join([*VIDEO_TYPES, *VIDEO_SUFFIXES]))
PICTURE = Kind(PICTURE_TYPES, "UPLOAD_MAX_BYTES", ",".join(PICTURE_TYPES))


def kind_of(purpose: str) -> Kind:
    """Return what goes for files of this purpose."""
    return VIDEO if purpose == Purpose.VIDEO else PICTURE


def check_announcement(purpose: str, *, size: int, content_type: str) -> None:
    """Raise AnnouncementRefused for a file that would be refused anyway. `size` in bytes."""
    kind = kind_of(purpose)
    if size <= 0:
        raise AnnouncementRefused("empty")
    if size > kind.max_bytes:
        raise AnnouncementRefused("too_large")
    if content_type not in kind.types:
        raise AnnouncementRefused("not_a_video" if kind is VIDEO else "not_a_picture")
