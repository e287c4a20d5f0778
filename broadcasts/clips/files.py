"""The files of clips in the storage. Those that no clip has are in a list (`LooseFile`), and go."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from broadcasts.clips.models import Clip, LooseFile

logger = logging.getLogger(__name__)

FOLDER = "previews/clips"
"""Browsers need no cookie for what lies there: clips are for everybody."""
MAKING = timedelta(hours=1)
"""Whoever has not given files to a clip by then does not live any more: a task that cuts is ended within minutes."""
MOST = 200


def note_loose(keys: Iterable[str], *, after: timedelta = timedelta()) -> None:
    """Let the sweep delete these files `after` so long, unless they were given to a clip."""
    delete_after = timezone.now() + after
    LooseFile.objects.bulk_create(
        (LooseFile(key=key, delete_after=delete_after) for key in keys), ignore_conflicts=True
    )


def take_off_list(keys: list[str]) -> None:
    """Files that a clip has now, or that are gone, are loose no more."""
    LooseFile.objects.filter(key__in=keys).delete()


def delete_files(keys: list[str]) -> None:
    """Delete noted files from the storage; harmless when they are gone."""
    for key in keys:
        default_storage.delete(key)
    take_off_list(keys)


def delete_loose_files() -> int:
    """Delete what is on the list long enough; return how many files went."""
    due = LooseFile.objects.filter(delete_after__lt=timezone.now()).order_by("delete_after")
    deleted = 0
    for key in due.values_list("key", flat=True)[:MOST]:
        try:
            delete_files([key])
        except Exception:
            # Each storage has errors of its own. The other files go all the same; this one is tried again, behind them.
            logger.exception("file of a clip not deleted", extra={"key": key})
            LooseFile.objects.filter(key=key).update(delete_after=timezone.now() + MAKING)
        else:
            deleted += 1
    return deleted


def on_clip_deleted(instance: Clip, **_: Any) -> None:  # noqa: ANN401 Django's
    """Answer `post_delete`: however a clip goes, also along with its show, its files are noted."""
    note_loose(filter(None, [instance.storage_key, instance.poster_key]))
