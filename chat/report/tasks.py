"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from chat.report import sampling


@shared_task(name="chat.take_samples", expires=sampling.EVERY_SECONDS)
def take_samples() -> None:
    sampling.take_samples()


@shared_task(name="chat.forget_old_samples", expires=3600)
def forget_old_samples() -> None:
    sampling.forget_old_samples()
