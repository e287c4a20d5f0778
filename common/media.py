"""Uploaded pictures, served by Django itself where no web server stands in front (SERVE_MEDIA)."""

import mimetypes

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

PUBLIC_FOLDERS = ("products/",)


@require_safe
def serve_media(request: HttpRequest, name: str) -> HttpResponse:
    """Return one picture; names are random and never reused, so it may be cached for ever."""
    if not name.startswith(PUBLIC_FOLDERS):
        raise Http404
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
