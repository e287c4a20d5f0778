"""Where pictures and videos lie that browsers may fetch; addresses start with MEDIA_BASE_URL, whoever serves them."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage


def media_url(key: str) -> str:
    """Return the address of what lies at a storage key."""
    return f"{settings.MEDIA_BASE_URL}/{quote(key)}"


class PublicFiles(FileSystemStorage):
    """Files under MEDIA_ROOT, served by Django (SERVE_MEDIA) or the web server before it."""

    def url(self, name: str | None) -> str:
        return media_url(name or "")


class PublicBucket(S3Storage):
    """The media bucket, served by a CDN; objects never change, so they may be cached for ever."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 the library's signature
        given = {
            "bucket_name": settings.S3_MEDIA_BUCKET,
            "region_name": settings.AWS["region"],
            "endpoint_url": settings.AWS["endpoints"].get("s3"),
            "signature_version": "s3v4",
            "addressing_style": "path" if "s3" in settings.AWS["endpoints"] else "virtual",
            "file_overwrite": True,
            "default_acl": None,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        }
        super().__init__(**(given | options))

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        return media_url(name or "")
