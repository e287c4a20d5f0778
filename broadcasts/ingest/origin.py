"""What players fetch: live playlists, parts and segments, stills and recordings. A CDN may stand in front."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from . import playlist
from .config import Config
from .show import Show

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
TYPES = {".m3u8": PLAYLIST_TYPE, ".m4s": "video/iso.segment", ".mp4": "video/mp4", ".jpg": "image/jpeg"}

IMMUTABLE = "public, max-age=31536000, immutable"
"""Names of segments, parts and init segments are never used twice."""

BLOCKING = "public, max-age=2"
"""The answer to a blocking request stays true for its URL; a CDN gives it to everybody who waits for this part."""

NO_CACHE = "no-cache"
NO_STORE = "no-store"

ADVANCE_LIMIT_MS = 3_000
"""Who asks for a part further ahead than this, or for the segment after the next, is told off (RFC 8216bis 6.2.5.2)."""

FIRST_SEGMENT_TIMEOUT = 6.0

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RECORDED_FILE = re.compile(r"(?:hls/[A-Za-z0-9][A-Za-z0-9_-]*\.(?:m3u8|m4s|mp4)|thumbnails/thumb\d+\.jpg)")

FindShow = Callable[[str], Show | None]


class Origin:
    """Routes of the public part. `find_show` looks a show up by its playback id."""

    def __init__(self, config: Config, find_show: FindShow) -> None:
        self._config = config
        self._find_show = find_show

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.health),
            web.get("/live/{playback_id}/index.m3u8", self.multivariant),
            web.get("/live/{playback_id}/media.m3u8", self.low_latency),
            web.get("/live/{playback_id}/plain.m3u8", self.plain),
            web.get("/live/{playback_id}/picture.jpg", self.picture),
            web.get("/live/{playback_id}/{name}", self.media),
            web.get("/recordings/{playback_id}/{session_id}/media/{file:.+}", self.recording),
            web.options("/live/{rest:.*}", self.options),
            web.options("/recordings/{rest:.*}", self.options),
        ]

    async def health(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers={"Cache-Control": NO_STORE})

    async def options(self, request: web.Request) -> web.Response:
        return web.Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
                "Access-Control-Allow-Headers": "Range",
                "Access-Control-Max-Age": "86400",
            },
        )

    # Live

    async def multivariant(self, request: web.Request) -> web.Response:
        show = self._show(request)
        await self._await_first_segment(show)
        init = show.window.init
        if init is None:
            raise not_found()
        window = show.window
        peak = window.peak_bitrate or self._config.max_bitrate
        return _playlist(playlist.multivariant(init, "media.m3u8", peak).encode(), NO_CACHE)

    async def low_latency(self, request: web.Request) -> web.Response:
        show = self._show(request)
        await self._await_first_segment(show)
        wanted = _wanted_part(request)
        if wanted is None:
            return self._low_latency(show, NO_CACHE)
        self._check_not_too_far(show, wanted)
        window = show.window
        in_time = await window.wait_for(lambda: window.has(*wanted), 3.0 * window.target_duration)
        if in_time:
            return self._low_latency(show, NO_STORE if window.ended else BLOCKING)
        if show.is_receiving:
            raise web.HTTPServiceUnavailable(headers={"Cache-Control": NO_STORE})
        # The encoder is away: an unchanged playlist keeps players polling, errors would make them give up.
        return self._low_latency(show, NO_STORE)

    def _low_latency(self, show: Show, caching: str) -> web.Response:
        window = show.window
        if not window.segments:
            raise not_found()
        version, text = show.rendered
        if version != window.version:
            text = playlist.low_latency(window, self._config.part_ms).encode()
            show.rendered = (window.version, text)
        return _playlist(text, caching)

    async def plain(self, request: web.Request) -> web.Response:
        show = self._show(request)
        window = show.window
        await self._await_first_segment(show)
        if window.last_complete is None:
            raise not_found()
        return _playlist(playlist.plain(window).encode(), NO_CACHE)

    async def media(self, request: web.Request) -> web.Response:
        show = self._show(request)
        name = request.match_info["name"]
        window = show.window
        data = window.find(name)
        if data is None and window.hint == name:
            await window.wait_for(lambda: window.hint != name, 3.0 * window.target_duration)
            data = window.find(name)
        if data is None:
            raise not_found()
        kind = TYPES[".mp4"] if name.endswith(".mp4") else TYPES[".m4s"]
        return web.Response(body=data, content_type=kind, headers={"Cache-Control": IMMUTABLE})

    async def picture(self, request: web.Request) -> web.Response:
        picture = await self._show(request).picture()
        if picture is None:
            raise not_found()
        return web.Response(
            body=picture, content_type=TYPES[".jpg"], headers={"Cache-Control": "public, max-age=8"}
        )

    def _show(self, request: web.Request) -> Show:
        show = self._find_show(request.match_info["playback_id"])
        if show is None:
            raise not_found()
        return show

    async def _await_first_segment(self, show: Show) -> None:
        """A player that comes in the first seconds of a show waits: many cannot begin with parts alone."""
        window = show.window
        await window.wait_for(lambda: window.last_complete is not None or window.ended, FIRST_SEGMENT_TIMEOUT)
        if not window.segments:
            raise not_found()

    def _check_not_too_far(self, show: Show, wanted: tuple[int, int | None]) -> None:
        following = show.window.next_part
        msn, part = wanted
        farthest = following[1] - 1 + ADVANCE_LIMIT_MS // self._config.part_ms
        if msn > following[0] + 1 or (msn == following[0] and part is not None and part > farthest):
            raise web.HTTPBadRequest(
                text="This part is too far ahead.\n", headers={"Cache-Control": NO_STORE}
            )

    # Recordings

    async def recording(self, request: web.Request) -> web.StreamResponse:
        playback_id, session_id = request.match_info["playback_id"], request.match_info["session_id"]
        file = request.match_info["file"]
        # Only names made of these letters exist, so nothing can lead out of the folder.
        if not (
            _SAFE.fullmatch(playback_id) and _SAFE.fullmatch(session_id) and _RECORDED_FILE.fullmatch(file)
        ):
            raise not_found()
        path = self._config.recordings / playback_id / session_id / "media" / file
        if not path.is_file():
            raise not_found()
        response = web.FileResponse(path, headers={"Cache-Control": _recorded_caching(path)})
        response.content_type = TYPES[path.suffix]
        return response


def _recorded_caching(path: Path) -> str:
    match path.suffix:
        case ".m3u8":
            return NO_CACHE
        case ".jpg":
            return "public, max-age=60"
    return IMMUTABLE


def _wanted_part(request: web.Request) -> tuple[int, int | None] | None:
    """The delivery directives of a blocking reload. Raises 400 when they make no sense."""
    msn, part = request.query.get("_HLS_msn"), request.query.get("_HLS_part")
    if msn is None and part is None:
        return None
    if msn is None or not _is_number(msn) or not (part is None or _is_number(part)):
        raise web.HTTPBadRequest(text="Bad _HLS_msn or _HLS_part.\n", headers={"Cache-Control": NO_STORE})
    return int(msn), None if part is None else int(part)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _playlist(body: bytes, caching: str) -> web.Response:
    return web.Response(body=body, content_type=PLAYLIST_TYPE, headers={"Cache-Control": caching})


def not_found() -> web.HTTPNotFound:
    return web.HTTPNotFound(text="Not found.\n", headers={"Cache-Control": NO_STORE})


def cross_origin(allowed: tuple[str, ...]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Lets the site's pages, on another origin, read public answers, errors included."""

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/control/"):
            return
        origin = request.headers.get("Origin", "")
        if "*" in allowed:
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            response.headers["Vary"] = "Origin"
            if origin in allowed:
                response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Age, Content-Length, Content-Range, Date"
        response.headers["X-Content-Type-Options"] = "nosniff"

    return add_headers
