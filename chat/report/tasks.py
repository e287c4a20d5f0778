"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from chat.report import openers, sampling


@shared_task(name="chat.take_samples", expires=sampling.EVERY_SECONDS)
def take_samples() -> None:
    sampling.take_samples()


@shared_task(name="chat.forget_old_samples", expires=3600)
def forget_old_samples() -> None:
    sampling.forget_old_samples()


@shared_task(name="chat.keep_openers", expires=30)
def keep_openers() -> None:
    openers.keep_openers()
