"""The end of a Matroska or WebM file without index, read without what lies between.

Browsers' recorders write neither the length nor an index, only clusters that begin with their own time. So the file
is shown to the demuxer with everything from its first cluster to one near its end declared void, which it jumps over.
Source: RFC 8794 (EBML), RFC 9559 (Matroska).
"""

from collections.abc import Iterator
from typing import IO

from media_pipeline.probing.range_reader import RangeReader

CLUSTER = b"\x1f\x43\xb6\x75"
VOID = b"\xec"
SIZE_MARK = b"\x01"
"""Of a size in the seven bytes that follow."""
VOID_HEADER = len(VOID) + len(SIZE_MARK) + 7
HEADER_BYTES = 1024 * 1024
LAST_BYTES = (4 * 1024 * 1024, 16 * 1024 * 1024, 48 * 1024 * 1024)
"""How much of the end to look at: clusters may be half a minute long, and the very last one may be cut off."""


class Shortened:
    """A file with void from `start` to `end`; every other byte is where it was."""

    def __init__(self, file: IO[bytes] | RangeReader, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._header = VOID + SIZE_MARK + (end - start - VOID_HEADER).to_bytes(7)

    def read(self, size: int = -1) -> bytes:
        position = self._file.tell()
        content = self._file.read(size)
        first = max(position, self._start)
        last = min(position + len(content), self._start + VOID_HEADER)
        if first >= last:
            return content
        header = self._header[first - self._start : last - self._start]
        return content[: first - position] + header + content[last - position :]

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def shortened(file: IO[bytes] | RangeReader) -> Iterator[Shortened]:
    """Yield the file with less and less void before its end; nothing when the whole of it is hardly longer."""
    size = file.seek(0, 2)
    start = _read(file, 0, HEADER_BYTES).find(CLUSTER)
    for length in LAST_BYTES:
        if start < 0 or size - length < start + HEADER_BYTES:
            return
        found = _read(file, size - length, length).find(CLUSTER)
        if found >= 0:
            file.seek(0)
            yield Shortened(file, start, size - length + found)


def _read(file: IO[bytes] | RangeReader, start: int, length: int) -> bytes:
    file.seek(start)
    content = bytearray()
    while len(content) < length and (piece := file.read(length - len(content))):
        content += piece
    return bytes(content)
