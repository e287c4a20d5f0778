"""What a run has made: is it whole, and how it appears all at once where players look for it."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media_pipeline.transcoding.base import TranscodeRequest
from media_pipeline.transcoding.ffmpeg_command import CLIP, MASTER, POSTER, STORY
from media_pipeline.transcoding.ffmpeg_process import FfmpegFailed
from media_pipeline.uploading.local_files import sync_folder

WORK = ".work"
"""Folder beside the published ones, on the same file system: a rename there is atomic. Never served."""
SPACE_FACTOR = 2
SPARE_BYTES = 64 * 1024 * 1024
SHORTER_S = 2.5
SHORTER_SHARE = 0.03
"""How much shorter than declared an output may be: the picture may end before the sound does."""
THERE_ALREADY = (errno.ENOTEMPTY, errno.EEXIST)


@contextmanager
def work_folder(token: UUID, number: int) -> Iterator[Path]:
    """A folder of this run's own, gone afterwards; what an earlier run of the job left when it died goes first."""
    work = Path(settings.MEDIA_ROOT, WORK)
    for left in work.glob(f"{token}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = work / f"{token}-{number}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_space(source: Path) -> None:
    """Raise FfmpegFailed `disk_full` unless twice the source fits on the disk, `source_missing` without source."""
    try:
        needed = source.stat().st_size * SPACE_FACTOR + SPARE_BYTES
    except FileNotFoundError:
        raise FfmpegFailed("source_missing") from None
    free = shutil.disk_usage(settings.MEDIA_ROOT).free
    if free < needed:
        raise FfmpegFailed("disk_full", f"{needed >> 20} MiB needed, {free >> 20} MiB free")


def check_playlists(folder: Path, names: list[str], duration_ms: int) -> None:
    """Raise FfmpegFailed `incomplete` unless every rendition is there, whole and as long as declared."""
    if not (folder / MASTER).is_file():
        raise FfmpegFailed("incomplete", "no master playlist")
    declared = duration_ms / 1000
    for name in names:
        length = _length(folder / name / "index.m3u8")
        if name != "sound" and length < declared - max(SHORTER_S, declared * SHORTER_SHARE):
            raise FfmpegFailed("incomplete", f"{name} is {length:.1f} s long, not {declared:.1f} s")


def _length(playlist: Path) -> float:
    """Return a playlist's length in seconds. FfmpegFailed if it has no end, or names files that are not there."""
    text = playlist.read_text() if playlist.is_file() else ""
    if "#EXT-X-ENDLIST" not in text:
        raise FfmpegFailed("incomplete", f"{playlist.parent.name} does not end")
    files = re.findall(r'^([^#\s].*)$|URI="([^"]+)"', text, re.MULTILINE)
    for name in ("".join(pair) for pair in files):
        part = playlist.with_name(name)
        if not part.is_file() or not part.stat().st_size:
            raise FfmpegFailed("incomplete", f"{playlist.parent.name} lacks a segment")
    return sum(float(length) for length in re.findall(r"#EXTINF:([\d.]+)", text))


def complete_pictures(folder: Path, request: TranscodeRequest) -> None:
    """See to it that every picture announced is there: the last one stands for those after a picture that ended early.

    Raises FfmpegFailed `incomplete` when there is none at all.
    """
    if not (folder / CLIP).is_file() or not (folder / CLIP).stat().st_size:
        raise FfmpegFailed("incomplete", "no clip")
    for pattern, count in ((POSTER, request.poster_count), (STORY, request.storyboard_count)):
        last = folder / (pattern % 0)
        if not last.is_file():
            raise FfmpegFailed("incomplete", f"no {pattern}")
        for number in range(1, count):
            picture = folder / (pattern % number)
            if not picture.is_file():
                shutil.copyfile(last, picture)
            last = picture


def is_published(key: str) -> bool:
    """Say whether a folder of media storage is there, which it is only as a whole."""
    return Path(settings.MEDIA_ROOT, key).is_dir()


def publish(folder: Path, key: str) -> None:
    """Let a folder appear at its key at once, as a whole even after a power cut.

    What is published there already stays as it is.
    """
    target = Path(settings.MEDIA_ROOT, key)
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_tree(folder)
    try:
        os.rename(folder, target)
    except OSError as error:
        if error.errno not in THERE_ALREADY:
            raise
    sync_folder(target.parent)
    sync_folder(target.parent.parent)  # the asset's folder may be new


def sync_tree(folder: Path) -> None:
    """Have everything in a folder, and its name there, survive a power cut."""
    for path, _, names in os.walk(folder):
        for name in names:
            with open(Path(path, name), "rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(path))


def unpublish(key: str) -> None:
    """Take a folder away; harmless when it is gone."""
    shutil.rmtree(Path(settings.MEDIA_ROOT, key), ignore_errors=True)
