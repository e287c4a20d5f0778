"""Uploaded files on this machine, under UPLOADS_ROOT.

    sources/<asset>/<random>                      the finished file
    sources/<asset>/<random>.parts/file           parts, each at its place from the beginning
    sources/<asset>/<random>.parts/<n>-<bytes>    part n is in there whole (an empty file)
    ….incoming-<random>                           on its way in; counts for nothing

Completing renames `file`, whatever its size. Whoever changes a parts folder holds its lock; a folder that is gone
means that the upload was completed or aborted meanwhile.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils._os import safe_join

COPY_BYTES = 1024 * 1024


class UploadClosed(Exception):
    """The upload was completed or cancelled, or never begun."""


def path_of(key: str) -> Path:
    """Return where a key's file lies; django.core.exceptions.SuspiciousFileOperation outside UPLOADS_ROOT."""
    return Path(safe_join(settings.UPLOADS_ROOT, key))


def parts_folder(key: str) -> Path:
    return path_of(f"{key}.parts")


@contextmanager
def incoming(key: str) -> Iterator[IO[bytes]]:
    """Open a file to write beside the key's, gone at the end whatever happens, be it that somebody deletes it."""
    path = path_of(key)
    try:
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115 closed by the `with` below
            dir=path.parent, prefix=f"{path.name}.incoming-", delete=False
        )
    except FileNotFoundError as error:
        raise UploadClosed from error
    with file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def check_open(folder: Path) -> None:
    """Raise UploadClosed unless parts may come."""
    if not (folder / "file").exists():
        raise UploadClosed


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one who changes this parts folder; raises UploadClosed when there is nothing to change any more."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError as error:
        raise UploadClosed from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        check_open(folder)  # whoever held the lock before may have completed or aborted
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the folder's names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_file(key: str, chunks: Iterable[bytes]) -> None:
    """Write the whole file; a quiet no-op when it is there: what was looked at must not change behind our back.

    Raises UploadClosed when it is deleted meanwhile.
    """
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with incoming(key) as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
        except FileNotFoundError as error:
            raise UploadClosed from error
    sync_folder(path.parent)


def begin_parts(key: str) -> None:
    """Open an upload in parts."""
    folder = parts_folder(key)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").touch()


def keep_part(key: str, number: int, *, offset: int, content: IO[bytes]) -> None:
    """Put a part that arrived whole (read from its beginning) to its place; raises UploadClosed.

    While it is copied it counts as missing: nothing that was cut short ever counts.
    """
    folder = parts_folder(key)
    with alone(folder):
        with open(folder / "file", "r+b") as whole:
            for mark in folder.glob(f"{number}-*"):
                mark.unlink()
                sync_folder(folder)
            content.seek(0)
            whole.seek(offset)
            shutil.copyfileobj(content, whole, COPY_BYTES)
            size = whole.tell() - offset
            whole.flush()
            os.fsync(whole.fileno())
        (folder / f"{number}-{size}").touch()
        sync_folder(folder)


def kept_parts(key: str) -> dict[int, int]:
    """Return {part number: bytes} of what is there whole; {} when the upload is closed."""
    with suppress(FileNotFoundError):
        marks = [name.partition("-") for name in os.listdir(parts_folder(key)) if name[0].isdigit()]
        return {int(number): int(size) for number, _, size in marks}
    return {}


def finish_file(key: str) -> None:
    """Make what the parts folder holds the finished file. The caller holds the folder's lock."""
    folder, path = parts_folder(key), path_of(key)
    os.replace(folder / "file", path)
    sync_folder(path.parent)
    shutil.rmtree(folder)


def forget_parts(key: str) -> None:
    """Delete the parts; harmless when repeated."""
    folder = parts_folder(key)
    with suppress(UploadClosed), alone(folder):
        (folder / "file").unlink()
    shutil.rmtree(folder, ignore_errors=True)


def delete_file(key: str) -> None:
    """Delete the finished file and what a killed process left of its coming in."""
    path = path_of(key)
    for file in [path, *path.parent.glob(f"{path.name}.incoming-*")]:
        file.unlink(missing_ok=True)
    with suppress(OSError):  # still holds something, or is gone
        path.parent.rmdir()
