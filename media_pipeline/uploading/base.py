"""The port by which browsers put files straight into storage. Adapters: `local` (filesystem), `s3`.

A grant names the exact key, size and content type, and lives for minutes. Files are never public here: what is
shown is made from them (`media_pipeline.checking`, `media_pipeline.transcoding`).
"""

from dataclasses import dataclass

from common.errors import ProviderRefused


@dataclass(frozen=True, kw_only=True)
class FormGrant:
    """Leave to POST one file as multipart/form-data: `fields` first, then the file as field `file`."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PartGrant:
    """Leave to PUT `size` bytes as part `number` (from 1) to `url`."""

    number: int
    size: int
    url: str


class PartsMissing(ProviderRefused):
    """The upload cannot be completed: parts are missing or not as large as announced."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(f"parts missing: {numbers[:20]}")
        self.numbers = numbers


def part_sizes(size: int, part_size: int) -> dict[int, int]:
    """Return {part number: bytes} of a file of `size` bytes in parts of `part_size`; {} when it goes in one form."""
    starts = range(0, size, part_size) if part_size else ()
    return {number: min(part_size, size - start) for number, start in enumerate(starts, 1)}


def missing_parts(received: dict[int, int], *, size: int, part_size: int) -> list[int]:
    """Return the numbers of parts that did not arrive, or not as large as they should be."""
    expected = part_sizes(size, part_size)
    return [number for number, length in expected.items() if received.get(number) != length]


class DirectUploads:
    """What the storage of uploads must do. Every method may raise ProviderError or ProviderRefused."""

    def grant_form(self, key: str, *, size: int, content_type: str) -> FormGrant:
        """Grant one POST of exactly `size` bytes to `key`."""
        raise NotImplementedError

    def begin_parts(self, key: str, *, content_type: str, part_size: int) -> str:
        """Begin an upload in parts of `part_size` bytes (the last may be smaller); return the storage's id of it."""
        raise NotImplementedError

    def grant_part(self, key: str, ref: str, *, number: int, size: int) -> PartGrant:
        """Grant one PUT of exactly `size` bytes; the same part may be put again, the last one counts."""
        raise NotImplementedError

    def received_parts(self, key: str, ref: str) -> dict[int, int]:
        """Return {part number: bytes} of what has arrived whole."""
        raise NotImplementedError

    def complete_parts(self, key: str, ref: str, *, size: int, part_size: int) -> None:
        """Make one file of the parts. A quiet no-op when it is made already; PartsMissing when parts lack."""
        raise NotImplementedError

    def abort_parts(self, key: str, ref: str) -> None:
        """Forget the parts; harmless when repeated."""
        raise NotImplementedError

    def stored_bytes(self, key: str) -> int | None:
        """Return the size of the finished file, None if there is none."""
        raise NotImplementedError

    def source_address(self, key: str) -> str:
        """Return where a program may read the finished file: a path, or an https address that lives an hour."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Delete the finished file; harmless when it is gone."""
        raise NotImplementedError
