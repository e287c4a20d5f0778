"""Folders that have had their time.

First renditions, what attempts that came to nothing published, and what runs that died left in the working folder.
"""

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from media_pipeline.models import TranscodeAttempt
from media_pipeline.transcoding.ffmpeg_output import WORK

FIRST_KEPT = timedelta(hours=1)
"""How long the first rendition stays after its ladder is ready: somebody is still watching it."""
USELESS_KEPT = timedelta(hours=1)
"""How long stays what an attempt published that failed or was cancelled: its run may still be at it."""
ASKED_AT_ONCE = 500
DELETED_AT_ONCE = 100
"""Most folders of such attempts that go in one run; the next one goes on."""
WORK_KEPT_SECONDS = 24 * 3600
"""A run ends, or has died, well before."""


def delete_leftovers() -> int:
    """Delete what nobody needs any more and return how many folders that were."""
    done = [folder for folder in _replaced_first_renditions() if _delete(folder)]
    died = [
        folder for folder in Path(settings.MEDIA_ROOT, WORK).glob("*") if _is_old(folder) and _delete(folder)
    ]
    useless = [folder for folder in islice(_of_useless_attempts(), DELETED_AT_ONCE) if _delete(folder)]
    return len(done) + len(died) + len(useless)


def _replaced_first_renditions() -> list[Path]:
    folders = {
        folder: attempt
        for folder in Path(settings.MEDIA_ROOT, "videos").glob("*/*.first")
        if (attempt := _uuid(folder.stem))
    }
    needed = TranscodeAttempt.objects.filter(pk__in=folders.values()).exclude(
        status__in=TranscodeAttempt.FINAL, heard_at__lt=timezone.now() - FIRST_KEPT
    )
    keep = set(needed.values_list("pk", flat=True))
    return [folder for folder, attempt in folders.items() if attempt not in keep]


def _of_useless_attempts() -> Iterator[Path]:
    """Yield ladders and pictures that no asset will ever show."""
    ended = TranscodeAttempt.objects.filter(
        status__in=(TranscodeAttempt.Status.ERROR, TranscodeAttempt.Status.CANCELED),
        heard_at__lt=timezone.now() - USELESS_KEPT,
    )
    for kind in ("videos", "previews"):
        named = ((_uuid(folder.name), folder) for folder in Path(settings.MEDIA_ROOT, kind).glob("*/*"))
        folders = ((attempt, folder) for attempt, folder in named if attempt)
        while some := dict(islice(folders, ASKED_AT_ONCE)):
            for attempt in ended.filter(pk__in=some).values_list("pk", flat=True):
                yield some[attempt]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > WORK_KEPT_SECONDS
    except FileNotFoundError:
        return False


def _delete(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
