"""What a transcoder's envelopes ("MediaConvert Job State Change") do to attempts and their assets.

They may come twice, late, in any order or from another program's jobs. Sources: MediaConvert's user guide, "Event
status list"; optional there are `jobProgress` and everything inside `outputDetails`.
"""

import logging
from typing import Any
from uuid import UUID

from django.utils import timezone

from common.errors import ProviderRefused
from media_pipeline import applying
from media_pipeline.addresses import write_addresses
from media_pipeline.applying import Envelope, NotYet
from media_pipeline.checking import local_bucket
from media_pipeline.ladder import poster_count, preview_folder, storyboard, video_folder
from media_pipeline.models import Asset, TranscodeAttempt
from media_pipeline.moves import Status, announce, move_asset
from media_pipeline.submissions import fail_attempt

logger = logging.getLogger(__name__)

TYPE = "MediaConvert Job State Change"
APP = "livecommerce"
DISK_FULL = "disk_full"
BAD_OUTPUT = "bad_output"
HEARD = ("heard_at", "job_id")
FIRST_CHOICE = 1
"""The poster until its owner chooses: the very first frame is often black."""

Attempt = TranscodeAttempt.Status


def register() -> None:
    applying.register(TYPE, apply_job_state)


def apply_job_state(envelope: Envelope) -> None:
    """Apply one envelope, inside the door's transaction.

    Raises NotYet while its attempt is not there, ProviderRefused for what is no news of an attempt of ours. A job that
    is done but not as we asked for it ends its attempt badly.
    """
    detail = envelope["detail"]
    labels = detail.get("userMetadata") or {}
    if labels.get("app") != APP:
        return  # the account has other programs' jobs
    attempt = _locked_attempt(labels.get("attempt", ""))
    if attempt.status in TranscodeAttempt.FINAL:
        return
    attempt.heard_at = timezone.now()
    attempt.job_id = attempt.job_id or str(detail.get("jobId", ""))[:100]
    if detail.get("status") in ("PROGRESSING", "STATUS_UPDATE"):
        _progress(attempt, detail)  # by far the most of them: each statement counts
        return
    attempt.save(update_fields=HEARD)
    match detail.get("status"):
        case "COMPLETE":
            _complete(attempt, detail)
        case "ERROR":
            _error(attempt, detail)
        case "CANCELED":
            fail_attempt(str(attempt.pk), code="canceled", message="", status=Attempt.CANCELED)
        case "NEW_WARNING":
            logger.warning(
                "transcoder warns", extra={"attempt": str(attempt.pk), "code": detail.get("warningCode")}
            )
        # SUBMITTED, INPUT_INFORMATION and QUEUE_HOP say only that the job lives.


def _locked_attempt(value: object) -> TranscodeAttempt:
    """Return the attempt with its asset, both rows held; the asset's first, as everywhere."""
    try:
        attempt_id = UUID(str(value))
    except ValueError:
        raise ProviderRefused("the job names no attempt of ours") from None
    known = TranscodeAttempt.objects.filter(pk=attempt_id).values("asset_id")
    asset = Asset.objects.select_for_update().filter(pk__in=known).first()
    if asset is None:
        raise NotYet(f"no attempt {attempt_id}")
    attempt = TranscodeAttempt.objects.select_for_update().get(pk=attempt_id)
    attempt.asset = asset
    return attempt


def _is_awaited(attempt: TranscodeAttempt) -> bool:
    return attempt.asset.status == Status.TRANSCODING and attempt.asset.attempt_id == attempt.pk


def _progress(attempt: TranscodeAttempt, detail: dict[str, Any]) -> None:
    """Note how far it is, which only grows, and that something plays already if the transcoder says so."""
    percent = (detail.get("jobProgress") or {}).get("jobPercentComplete")
    before = attempt.percent
    if isinstance(percent, int | float):
        attempt.percent = max(before, min(99, int(percent)))
    attempt.status = Attempt.PROGRESSING
    attempt.save(update_fields=[*HEARD, "status", "percent"])
    asset = attempt.asset
    if not _is_awaited(attempt):
        return
    early = (
        _master(attempt, detail, f"{video_folder(attempt)}.first/") if "outputGroupDetails" in detail else ""
    )
    if early and not asset.storage_key:
        asset.storage_bucket, asset.storage_key = local_bucket(), early
        write_addresses(asset)
        announce(asset, percent=attempt.percent)
        asset.save()
    elif attempt.percent > before:
        announce(asset, percent=attempt.percent)
        asset.save(update_fields=["version", "changed_at"])


def _complete(attempt: TranscodeAttempt, detail: dict[str, Any]) -> None:
    problem = "the job completed without a playlist"
    try:
        master = _master(attempt, detail, f"{video_folder(attempt)}/")
    except ProviderRefused as refusal:
        master, problem = "", str(refusal)
    if not master:
        # Were the news refused, the attempt would stay open, and be asked about and refused again each minute.
        logger.error("transcoder's output refused", extra={"attempt": str(attempt.pk)})
        fail_attempt(str(attempt.pk), code=BAD_OUTPUT, message=problem)
        return
    attempt.status, attempt.percent = Attempt.COMPLETE, 100
    attempt.save(update_fields=["status", "percent"])
    if not _is_awaited(attempt):
        return
    asset = attempt.asset
    result = _result(attempt, master, detail)
    for name, value in result.items():
        setattr(asset, name, value)
    write_addresses(asset)
    move_asset(
        asset.pk,
        Status.READY,
        **result,
        playback_url=asset.playback_url,
        clip_url=asset.clip_url,
        poster_url=asset.poster_url,
    )


def _result(attempt: TranscodeAttempt, master: str, detail: dict[str, Any]) -> dict[str, Any]:
    """Return what the asset's row keeps. Pictures are counted as they were asked for (`media_pipeline.ladder`)."""
    asset = attempt.asset
    posters = poster_count(asset.duration_ms)
    pictures, interval = storyboard(asset.duration_ms)
    return {
        "storage_bucket": local_bucket(),
        "storage_key": master,
        "preview_key": f"{preview_folder(attempt)}/",
        "duration_ms": _duration_ms(detail) or asset.duration_ms,
        "poster_count": posters,
        "poster_number": min(FIRST_CHOICE, posters - 1),
        "storyboard_count": pictures,
        "storyboard_interval_ms": interval,
    }


def _error(attempt: TranscodeAttempt, detail: dict[str, Any]) -> None:
    code = str(detail.get("errorCode", ""))
    fail_attempt(
        str(attempt.pk),
        code=code,
        message=str(detail.get("errorMessage", "")),
        problem="storage_failed" if code == DISK_FULL else "transcode_failed",
    )


def _master(attempt: TranscodeAttempt, detail: dict[str, Any], folder: str) -> str:
    """Return the master playlist's key, "" if none is named.

    Raises ProviderRefused if any playlist lies elsewhere than in our bucket and this attempt's folder: whoever can
    send an event must not be able to make our pages play something else.
    """
    keys = [_key(address) for group in _groups(detail) for address in group.get("playlistFilePaths") or []]
    for key in keys:
        if not key.startswith(folder) or ".." in key:
            raise ProviderRefused(f"{key} is not the output of attempt {attempt.pk}")
    return keys[0] if keys else ""


def _key(address: str) -> str:
    prefix = f"s3://{local_bucket()}/"
    if not address.startswith(prefix):
        raise ProviderRefused(f"{address} is not in {local_bucket()}")
    return address.removeprefix(prefix)


def _duration_ms(detail: dict[str, Any]) -> int:
    """Return the longest output's length, 0 if none tells. Captions say 0, and pictures may say anything."""
    lengths = [
        output.get("durationInMs") or 0
        for group in _groups(detail)
        if group.get("playlistFilePaths")
        for output in group.get("outputDetails") or []
    ]
    return max(lengths, default=0)


def _groups(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return detail.get("outputGroupDetails") or []
