"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from broadcasts.clips import files


@shared_task(name="broadcasts.delete_loose_clip_files", expires=600)
def delete_loose_clip_files() -> None:
    files.delete_loose_files()
