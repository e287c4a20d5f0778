"""Making clips: called from tasks only."""

import logging
import secrets
import tempfile
from functools import partial
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from broadcasts.clips.cutting import Cut, cut
from broadcasts.clips.files import FOLDER, MAKING, delete_files, note_loose, take_off_list
from broadcasts.clips.models import Clip
from broadcasts.models import Recording
from broadcasts.streaming import streaming
from common.errors import ProviderRefused
from media_pipeline.probing.probe import ProbeRefused
from media_pipeline.transcoding.ffmpeg_process import FfmpegFailed

logger = logging.getLogger(__name__)


def cut_clip(clip_id: int) -> None:
    """Cut a clip that waits, and put it where browsers fetch it. Running twice leaves one film.

    What cannot be cut is marked as failed. Raises ProviderError where trying again may help.
    """
    clip = Clip.objects.select_related("recording").filter(pk=clip_id, status=Clip.Status.WAITING).first()
    if clip is None or clip.recording is None:
        return
    read = partial(_read, clip.recording)
    try:
        with tempfile.TemporaryDirectory(prefix="clip-") as folder:
            made = cut(read, from_ms=clip.asked_from_ms, to_ms=clip.asked_to_ms, folder=Path(folder))
            # A name that no other run has: what is public never changes.
            name = f"{FOLDER}/{clip.code}-{secrets.token_hex(4)}"
            keys = [f"{name}.mp4", f"{name}.jpg"]
            note_loose(keys, after=MAKING)
            for file, key in zip([made.film, made.poster], keys, strict=True):
                _keep(file, key)
            size = made.film.stat().st_size
    except (ProviderRefused, ProbeRefused, FfmpegFailed) as error:
        logger.warning("clip not made", extra={"clip": clip.code}, exc_info=True)
        give_up(clip_id, str(error))
        return
    if not _give(clip_id, made, size=size, keys=keys):  # deleted meanwhile, or another run was quicker
        delete_files(keys)


def give_up(clip_id: int, why: str) -> None:
    """Mark a waiting clip as failed."""
    Clip.objects.filter(pk=clip_id, status=Clip.Status.WAITING).update(
        status=Clip.Status.FAILED, problem=why[:200]
    )


def give_up_lost() -> int:
    """Mark clips as failed that nobody finished within an hour: their worker died, or the broker lost the task.

    Then the seller can have them cut again. Return how many.
    """
    lost = Clip.objects.filter(status=Clip.Status.WAITING, created_at__lt=timezone.now() - MAKING)
    return lost.update(status=Clip.Status.FAILED, problem="nobody finished it within an hour")


@transaction.atomic
def _give(clip_id: int, made: Cut, *, size: int, keys: list[str]) -> bool:
    """Let a clip that still waits have its files."""
    given = Clip.objects.filter(pk=clip_id, status=Clip.Status.WAITING).update(
        status=Clip.Status.READY,
        start_ms=made.start_ms,
        duration_ms=made.duration_ms,
        width=made.width,
        height=made.height,
        size=size,
        storage_key=keys[0],
        poster_key=keys[1],
    )
    if given:
        take_off_list(keys)
    return bool(given)


def _keep(file: Path, key: str) -> None:
    with file.open("rb") as content:
        default_storage.save(key, File(content))


def _read(recording: Recording, name: str, most_bytes: int) -> bytes:
    return streaming().read_recording(recording.storage_key, name, most_bytes=most_bytes)
