"""Remember what a slow step was done for, so that it runs again only when that has changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *extra: str) -> str:
    """A hash over the files' names and contents and over `extra`; a missing file counts as such."""
    total = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes() if path.is_file() else b"missing"
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    for text in extra:
        total.update(f"{len(text)}\0{text}".encode())
    return total.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    """Whether the step that left this stamp was last done for `value`."""
    return stamp.is_file() and stamp.read_text() == value


def write(stamp: Path, value: str) -> None:
    """Leave the stamp; call it only once the step has succeeded."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
