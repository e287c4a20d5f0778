"""Media files, served by Django itself where no web server or CDN stands in front (SERVE_MEDIA)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from access.byte_range import NOT_SATISFIABLE, read_range
from access.cookies import playback_cookies
from access.storage_keys import is_plain_key

PUBLIC_FOLDERS = ("products/", "images/", "previews/")
VIDEOS = "videos/"
# Names are random and never reused. What a cookie opened stays in that browser only.
PUBLIC_CACHE = "public, max-age=31536000, immutable"
VIDEO_CACHE = "private, max-age=86400, immutable"
PIECE_BYTES = 256 * 1024
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
def serve_media(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a file or one range of it: 404 for what is not for browsers, 403 for a video without its cookies."""
    if not is_plain_key(name) or not name.startswith((*PUBLIC_FOLDERS, VIDEOS)):
        raise Http404
    if name.startswith(VIDEOS) and not playback_cookies().allows(request.COOKIES, name):
        return HttpResponse(status=403, headers={"Cache-Control": "no-store"})
    path = _file(name)
    size = path.stat().st_size
    # We name no validator, so an If-Range can only be about something else: the whole file is the answer.
    asked = None if "If-Range" in request.headers else read_range(request.headers.get("Range", ""), size)
    if asked == NOT_SATISFIABLE:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = asked or (0, size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    elif isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(_pieces_async(path, start, end))
    else:
        response = StreamingHttpResponse(_pieces(path, start, end))
    if asked:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers = {
        "Content-Type": CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
        "Content-Length": str(end - start),
        "Accept-Ranges": "bytes",
        "Cache-Control": VIDEO_CACHE if name.startswith(VIDEOS) else PUBLIC_CACHE,
        "X-Content-Type-Options": "nosniff",
    }
    for header, value in headers.items():
        response.headers[header] = value
    return response


def _file(name: str) -> Path:
    """Return the file; 404 if it is none, or is reached through a link that may lead anywhere."""
    path = Path(settings.MEDIA_ROOT).resolve() / name
    try:
        if path.resolve() == path and path.is_file():
            return path
    except OSError as error:  # a name too long for the filesystem
        raise Http404 from error
    raise Http404


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece


async def _pieces_async(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    """The same for an event loop: Django would first collect a plain iterator in memory."""
    pieces = _pieces(path, start, end)
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece
