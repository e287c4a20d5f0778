"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from broadcasts.clips import files, making


@shared_task(name="broadcasts.look_after_clips", expires=600)
def look_after_clips() -> None:
    """Nothing waits for ever, and nothing stays, because a worker died."""
    making.give_up_lost()
    files.delete_loose_files()
