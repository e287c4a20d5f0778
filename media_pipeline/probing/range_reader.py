"""A file behind an http(s) address, read in pieces as a demuxer jumps about in it."""

import io
from collections import OrderedDict

import httpx

BLOCK = 1024 * 1024
KEPT_BLOCKS = 8
MAX_BYTES = 256 * BLOCK
"""What one look may fetch in all: an index of any sane length and a group of pictures at each end."""
TIMEOUT = httpx.Timeout(10, connect=3)


class SourceError(OSError):
    """The address does not answer as it should: trying again may help."""


class ReadTooMuch(OSError):
    """The file makes its reader wander about beyond MAX_BYTES."""


class RangeReader(io.RawIOBase):
    """Read-only and seekable. Raises SourceError and ReadTooMuch; the address is in no message: it may be signed."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False)
        self._url = url
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._fetched = 0
        self._position = 0
        self.size = 0
        self._block(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, perhaps fewer, b"" at the end."""
        if self._position >= self.size:
            return b""
        number, start = divmod(self._position, BLOCK)
        piece = self._block(number)[start : start + size if size >= 0 else None]
        self._position += len(piece)
        return piece

    def close(self) -> None:
        self._client.close()
        super().close()

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        if self._fetched > MAX_BYTES:
            raise ReadTooMuch("the file is read all over")
        block = self._fetch(number * BLOCK)
        self._fetched += len(block)
        self._blocks[number] = block
        if len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def _fetch(self, start: int) -> bytes:
        headers = {"Range": f"bytes={start}-{start + BLOCK - 1}", "Accept-Encoding": "identity"}
        try:
            with self._client.stream("GET", self._url, headers=headers) as response:
                if response.status_code == 416 and start == 0:
                    return b""  # an empty file has no first byte
                if response.status_code != 206:
                    raise SourceError(f"storage answered {response.status_code}")
                self.size = _whole_size(response.headers.get("Content-Range", ""))
                content = b""
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > BLOCK:
                        raise SourceError("storage sent more than asked for")
        except httpx.HTTPError as error:
            raise SourceError(f"storage does not answer: {type(error).__name__}") from None
        if len(content) != min(BLOCK, self.size - start):
            raise SourceError("storage sent less than asked for")
        return content


def _whole_size(content_range: str) -> int:
    """Return 500 of "bytes 0-99/500"."""
    try:
        return int(content_range.rpartition("/")[2])
    except ValueError:
        raise SourceError("storage does not say how large the file is") from None
