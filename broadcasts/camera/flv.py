"""FLV as ffmpeg writes it into a pipe, taken apart into tags (Adobe, "Video File Format Specification", annex E)."""

from collections.abc import Iterator
from dataclasses import dataclass

AUDIO, VIDEO, SCRIPT = 8, 9, 18
FILE_HEADER = 9 + 4
TAG_HEADER, TAG_TRAILER = 11, 4


class NotFlv(ValueError):
    """The bytes do not begin as FLV does."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One frame of sound or picture, or a script; `timestamp` in milliseconds."""

    kind: int
    timestamp: int
    payload: bytes


class FlvReader:
    """Takes bytes in any portions and gives whole tags."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[Tag]:
        """Yield the tags that are complete now. Raises NotFlv."""
        self._data += data
        position = 0
        if not self._begun:
            if len(self._data) < FILE_HEADER:
                return
            if self._data[:3] != b"FLV":
                raise NotFlv
            self._begun, position = True, FILE_HEADER
        while len(self._data) - position >= TAG_HEADER:
            head = self._data[position : position + TAG_HEADER]
            size = int.from_bytes(head[1:4])
            end = position + TAG_HEADER + size + TAG_TRAILER
            if len(self._data) < end:
                break
            timestamp = head[7] << 24 | int.from_bytes(head[4:7])
            payload = bytes(self._data[position + TAG_HEADER : end - TAG_TRAILER])
            position = end
            yield Tag(head[0] & 0x1F, timestamp, payload)
        del self._data[:position]
