"""What a recording's playlists (RFC 8216) say of its pieces."""

import re
from dataclasses import dataclass
from datetime import datetime
from posixpath import dirname, join, normpath

from common.errors import ProviderRefused

_BANDWIDTH = re.compile(r"[:,]BANDWIDTH=(\d+)")
_MAP = re.compile(r'URI="([^"]+)"')
_DATE = "#EXT-X-PROGRAM-DATE-TIME:"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A segment: its file, and that of its initialisation ("" for transport streams). Names begin at the recording."""

    name: str
    init: str
    start_ms: int
    duration_ms: int
    date: datetime | None = None
    """When it was recorded, if the playlist says so (EXT-X-PROGRAM-DATE-TIME)."""

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms


def best_variant(master: str, *, at: str) -> str:
    """Return the media playlist with the most bits per second; `at` is the master's own name.

    Raises ProviderRefused, as everything here, for what is no such playlist.
    """
    lines = master.splitlines()
    variants = [
        (int(found[1]), following)
        for line, following in zip(lines, lines[1:], strict=False)
        if line.startswith("#EXT-X-STREAM-INF") and (found := _BANDWIDTH.search(line))
    ]
    if not variants:
        raise ProviderRefused("the recording's master playlist names no variant")
    return _resolved(max(variants)[1], at)


def pieces_of(media: str, *, at: str) -> list[Piece]:
    """Return the segments of a media playlist in order; `at` is its own name."""
    pieces: list[Piece] = []
    init, length, position, date = "", 0.0, 0.0, None
    for line in media.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            found = _MAP.search(line)
            init = _resolved(found[1], at) if found else ""
        elif line.startswith("#EXTINF:"):
            length = float(line.removeprefix("#EXTINF:").partition(",")[0])
        elif line.startswith(_DATE):
            date = _moment(line.removeprefix(_DATE))
        elif line and not line.startswith("#"):
            start_ms = round(position * 1000)
            position += length
            pieces.append(
                Piece(
                    name=_resolved(line, at),
                    init=init,
                    start_ms=start_ms,
                    duration_ms=round(position * 1000) - start_ms,
                    date=date,
                )
            )
            date = None
    if not pieces:
        raise ProviderRefused("the recording's playlist names no segment")
    return pieces


def _moment(text: str) -> datetime | None:
    """Return the moment; None for what is none, or names no time zone: a clip can be cut without."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _resolved(uri: str, at: str) -> str:
    """Return the name of a file beside the playlist; one that leads elsewhere is refused."""
    name = normpath(join(dirname(at), uri.strip()))
    if "://" in uri or name.startswith(("/", "..")) or "\\" in name:
        raise ProviderRefused("the recording's playlist leads elsewhere")
    return name
