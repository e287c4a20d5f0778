"""Cutting reads from the streaming provider and runs ffmpeg: never in a request."""

from celery import Task, shared_task

from broadcasts.clips import files, making
from common.errors import ProviderError

TRIES = 4
FIRST_PAUSE = 5
SECONDS = 300
"""Two minutes that must be encoded anew take one slow core about as long as they last."""


@shared_task(
    name="broadcasts.cut_clip", bind=True, max_retries=TRIES, soft_time_limit=SECONDS - 20, time_limit=SECONDS
)
def cut_clip(self: Task, clip_id: int) -> None:
    try:
        making.cut_clip(clip_id)
    except ProviderError as error:
        if self.request.retries >= TRIES:
            making.give_up(clip_id, str(error))
            return
        raise self.retry(exc=error, countdown=FIRST_PAUSE * 2**self.request.retries) from error


@shared_task(name="broadcasts.delete_clip_files", autoretry_for=(Exception,), retry_backoff=10, max_retries=4)
def delete_clip_files(keys: list[str]) -> None:
    files.delete_files(keys)
