"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from chat.questions import ending


@shared_task(name="questions.finish_screens", expires=60)
def finish_screens() -> None:
    ending.finish_screens()
