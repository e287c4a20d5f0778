"""How much one camera may send, and how many cameras one process carries."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from broadcasts.camera.refusals import NoPlaceLeft

FRAME_MAX_BYTES = 64 << 10
"""The server is started with the same limit for every socket; pages cut what a recorder gives into pieces."""

SMALLEST_COST = 512
BURST_BYTES = 8 << 20
"""What a page may have kept back while its connection stood still."""


class MediaAllowance:
    """What one socket may still send: BURST_BYTES, growing back by the largest bitrate the ingest allows."""

    def __init__(self, now: float) -> None:
        self._left = float(BURST_BYTES)
        self._at = now

    def take(self, size: int, now: float) -> bool:
        """Take a frame of `size` bytes at the moment `now` (seconds), and say whether there was as much left.

        Small frames count as SMALLEST_COST, so that their number is limited too.
        """
        grown = (now - self._at) * settings.INGEST_MAX_BITRATE / 8
        self._left = min(BURST_BYTES, self._left + grown) - max(size, SMALLEST_COST)
        self._at = now
        return self._left >= 0


_taken = 0


@contextmanager
def places(wanted: int) -> Iterator[None]:
    """Take so many of this process's CAMERA_MAX places. Raises NoPlaceLeft."""
    global _taken
    if _taken + wanted > settings.CAMERA_MAX:
        raise NoPlaceLeft
    _taken += wanted
    try:
        yield
    finally:
        _taken -= wanted
