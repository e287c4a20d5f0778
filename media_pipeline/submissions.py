"""Handing attempts to the transcoder, outside every request and transaction."""

import logging

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.errors import ProviderError
from media_pipeline.ladder import request_for
from media_pipeline.models import Asset, TranscodeAttempt
from media_pipeline.moves import Status, lock_asset, move_asset
from media_pipeline.transcoding import transcoding

logger = logging.getLogger(__name__)

Attempt = TranscodeAttempt.Status


def is_wanted(attempt: TranscodeAttempt) -> bool:
    """Say whether anybody waits for it: its asset was not cancelled, and there is no newer attempt."""
    return attempt.asset.status == Status.TRANSCODING and attempt.asset.attempt_id == attempt.pk


def submit_attempt(attempt_id: str) -> None:
    """Start the attempt's job, once however often it is asked. Raises ProviderError, ProviderRefused.

    A job that is no longer wanted when its id is known is stopped: until then nobody else could.
    """
    attempt = _read(attempt_id)
    if attempt.status == Attempt.WAITING and is_wanted(attempt):
        _submit(attempt)
        attempt = _read(attempt_id)
    if attempt.status in (Attempt.CANCELED, Attempt.ERROR):
        if attempt.job_id:  # asked again each time, should the first word have been lost
            transcoding().cancel(attempt.job_id)
    elif attempt.status != Attempt.COMPLETE and not is_wanted(attempt):
        drop_attempt(attempt)


def _read(attempt_id: str) -> TranscodeAttempt:
    return TranscodeAttempt.objects.select_related("asset__owner").get(pk=attempt_id)


def _submit(attempt: TranscodeAttempt) -> None:
    TranscodeAttempt.objects.filter(pk=attempt.pk).update(submit_tries=F("submit_tries") + 1)
    job_id = transcoding().submit(request_for(attempt))
    # The job's own news may have been here before this answer.
    TranscodeAttempt.objects.filter(pk=attempt.pk, job_id="").update(job_id=job_id)
    TranscodeAttempt.objects.filter(pk=attempt.pk, status=Attempt.WAITING).update(
        status=Attempt.SUBMITTED, heard_at=timezone.now()
    )


def drop_attempt(attempt: TranscodeAttempt) -> None:
    """Stop an attempt that nobody waits for any more. Raises ProviderError while its job cannot be stopped."""
    if attempt.job_id:
        transcoding().cancel(attempt.job_id)
    TranscodeAttempt.objects.filter(pk=attempt.pk).exclude(status__in=TranscodeAttempt.FINAL).update(
        status=Attempt.CANCELED, heard_at=timezone.now()
    )


def give_up_attempt(attempt_id: str, error: ProviderError, *, code: str = "not_submitted") -> None:
    """The transcoder does not take it, or knows nothing of it: say so to the owner, who may try again."""
    logger.error("transcode given up", extra={"attempt": attempt_id, "code": code}, exc_info=error)
    with transaction.atomic():
        fail_attempt(attempt_id, code=code, message=str(error))


def fail_attempt(
    attempt_id: str,
    *,
    code: str,
    message: str,
    problem: str = "transcode_failed",
    status: str = Attempt.ERROR,
) -> None:
    """End an attempt badly, and its asset with it if it is the newest. A quiet no-op when it has ended."""
    asset_id = TranscodeAttempt.objects.values_list("asset_id", flat=True).get(pk=attempt_id)
    asset = lock_asset(asset_id)
    attempt = TranscodeAttempt.objects.select_for_update().get(pk=attempt_id)
    if attempt.status in TranscodeAttempt.FINAL:
        return
    attempt.status, attempt.heard_at = status, timezone.now()
    attempt.error_code, attempt.error_message = code[:40], message[:2000]
    attempt.save(update_fields=["status", "heard_at", "error_code", "error_message"])
    if asset.status == Status.TRANSCODING and asset.attempt_id == attempt.pk:
        move_asset(asset_id, Status.FAILED, problem=problem, **NOTHING_PLAYS)


NOTHING_PLAYS = {"storage_bucket": "", "storage_key": "", "playback_url": ""}
"""What an asset loses that played early and then failed."""


def new_attempt(asset: Asset) -> TranscodeAttempt:
    """Return a fresh attempt for an asset; the caller holds the asset's row, makes it the newest and submits it."""
    return TranscodeAttempt.objects.create(asset=asset)
