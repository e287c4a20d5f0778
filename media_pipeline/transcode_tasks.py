"""Tasks of checking and transcoding. Files and transcoders are called here and nowhere else."""

from celery import Task, shared_task
from django.core.cache import cache

from common.errors import ProviderError, ProviderRefused
from media_pipeline import checking, submissions, transcode_sweeps
from media_pipeline.transcoding import ffmpeg_cleaning, ffmpeg_run

TRIES = 6
LONGEST_PAUSE = 120
CHECK_AGAIN_AFTER = 60
LOCAL_TRANSCODE_LIMIT = 6 * 3600
"""Seconds: the longest video allowed, at a twentieth of its speed."""


@shared_task(name="media_pipeline.check_asset", bind=True, max_retries=TRIES)
def check_asset(self: Task, asset_id: int) -> None:
    """Look at an upload; storage that is away is asked again, with growing pauses."""
    try:
        attempt_id = checking.check_asset(asset_id)
    except ProviderError as error:
        if _is_last(self, error):
            checking.give_up(asset_id, error)
            return
        raise self.retry(exc=error, countdown=_pause(self)) from error
    if attempt_id:
        submit_attempt.delay(attempt_id)


@shared_task(name="media_pipeline.submit_attempt", bind=True, max_retries=TRIES)
def submit_attempt(self: Task, attempt_id: str) -> None:
    """Hand an attempt to the transcoder."""
    try:
        submissions.submit_attempt(attempt_id)
    except ProviderError as error:
        if _is_last(self, error):
            submissions.give_up_attempt(attempt_id, error)
            return
        raise self.retry(exc=error, countdown=_pause(self)) from error


def _is_last(task: Task, error: ProviderError) -> bool:
    return isinstance(error, ProviderRefused) or task.request.retries >= TRIES


def _pause(task: Task) -> int:
    """Seconds before the next try: 2, 4, 8, …"""
    return min(LONGEST_PAUSE, 2 ** (task.request.retries + 1))


@shared_task(
    name="media_pipeline.run_local_transcode",
    soft_time_limit=LOCAL_TRANSCODE_LIMIT,
    time_limit=LOCAL_TRANSCODE_LIMIT + 60,
)
def run_local_transcode(token: str) -> None:
    """The built-in transcoder's work; it has a queue and a worker of its own."""
    ffmpeg_run.run(token)


@shared_task(name="media_pipeline.check_waiting_assets", expires=30)
def check_waiting_assets() -> None:
    """Check what the broker lost, each asset at most once a minute; end what cannot be checked at all."""
    for asset_id in checking.given_up_asset_ids():
        checking.give_up(asset_id)
    for asset_id in checking.waiting_asset_ids():
        if cache.add(f"check-asset:{asset_id}", 1, CHECK_AGAIN_AFTER):
            check_asset.delay(asset_id)


@shared_task(name="media_pipeline.ask_about_transcodes", expires=15)
def ask_about_transcodes() -> None:
    """Submit what was not, ask about what is silent, and begin local jobs anew whose worker died."""
    for attempt_id in transcode_sweeps.unsubmitted_attempt_ids():
        submit_attempt.delay(attempt_id)
    for token in transcode_sweeps.local_tokens_to_queue():
        run_local_transcode.delay(token)
    transcode_sweeps.drop_unwanted()
    transcode_sweeps.ask_about_silent()


@shared_task(name="media_pipeline.delete_leftover_renditions", expires=600)
def delete_leftover_renditions() -> None:
    """Delete first renditions that a whole ladder has replaced, and what runs left behind that came to nothing."""
    ffmpeg_cleaning.delete_leftovers()
