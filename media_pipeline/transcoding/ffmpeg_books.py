"""The built-in transcoder's own books: who runs a job now, how far it is, and the news of it.

A job is claimed by a conditional update and the claim runs out unless it is renewed: a task delivered twice runs once,
and the job of a worker that died is found. A change and its envelope are written in one transaction.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from media_pipeline.inbox import accept
from media_pipeline.models import LocalTranscodeJob
from media_pipeline.transcoding import ffmpeg_events
from media_pipeline.transcoding.base import Rendition, TranscodeRequest

LEASE = timedelta(seconds=30)
MAX_RUNS = 3
QUEUE_AGAIN_AFTER = timedelta(seconds=30)
"""How long a job may wait unclaimed before it is queued once more: the broker may have lost its task."""

Status = LocalTranscodeJob.Status
OPEN = (Status.SUBMITTED, Status.PROGRESSING)


class ClaimLost(Exception):
    """The job was cancelled, or is somebody else's by now."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A claimed run of a job; `number` counts from 1."""

    token: uuid.UUID
    claim: uuid.UUID
    number: int
    request: TranscodeRequest


def open_job(request: TranscodeRequest) -> LocalTranscodeJob:
    """Return the job of this request, made now unless it exists."""
    job, _ = LocalTranscodeJob.objects.get_or_create(
        token=request.attempt, defaults={"request": to_json(request)}
    )
    return job


def claim(token: str) -> Run | None:
    """Take the job, None if it has ended, is being run, or was run too often."""
    now, mine = timezone.now(), uuid.uuid4()
    taken = (
        LocalTranscodeJob.objects.filter(token=token, status__in=OPEN, runs__lt=MAX_RUNS)
        .filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
        .update(claim=mine, claimed_until=now + LEASE, runs=F("runs") + 1, status=Status.PROGRESSING)
    )
    if not taken:
        return None
    job = LocalTranscodeJob.objects.get(token=token)
    if job.claim != mine:
        return None
    return Run(token=job.token, claim=mine, number=job.runs, request=from_json(job.request))


def renew(run: Run) -> None:
    """Say that the run goes on. Raises ClaimLost."""
    _update(run, claimed_until=timezone.now() + LEASE)


def release(run: Run) -> None:
    """Give the job back, for somebody else to run at once; harmless when it is no longer ours."""
    LocalTranscodeJob.objects.filter(token=run.token, claim=run.claim, status__in=OPEN).update(
        claimed_until=timezone.now()
    )


@transaction.atomic
def report_first(run: Run) -> None:
    """Tell that the source's own bits can be played. Raises ClaimLost."""
    _update(run, claimed_until=timezone.now() + LEASE)
    accept(ffmpeg_events.first_rendition(run.request, run=run.number))


@transaction.atomic
def report_progress(run: Run, percent: int) -> None:
    """Tell how far it is, and renew the claim. Raises ClaimLost."""
    _update(run, percent=percent, claimed_until=timezone.now() + LEASE)
    accept(ffmpeg_events.progress(run.request, percent, run=run.number))


@transaction.atomic
def report_complete(run: Run) -> None:
    """End the job well. Raises ClaimLost."""
    _update(run, status=Status.COMPLETE, percent=100, claimed_until=None)
    accept(ffmpeg_events.complete(run.request))


@transaction.atomic
def report_error(run: Run, code: str, message: str) -> None:
    """End the job badly. Raises ClaimLost."""
    _update(run, status=Status.ERROR, error_code=code, error_message=message, claimed_until=None)
    accept(ffmpeg_events.error(run.request, code, message))


def _update(run: Run, **values: Any) -> None:  # noqa: ANN401 as Django's own
    mine = LocalTranscodeJob.objects.filter(token=run.token, claim=run.claim, status=Status.PROGRESSING)
    if not mine.update(**values):
        raise ClaimLost


@transaction.atomic
def cancel(token: str) -> None:
    """End a job that is not wanted any more; its run finds out when it renews its claim."""
    job = LocalTranscodeJob.objects.select_for_update().filter(token=token, status__in=OPEN).first()
    if job is None:
        return
    job.status, job.claimed_until = Status.CANCELED, None
    job.save(update_fields=["status", "claimed_until"])
    accept(ffmpeg_events.canceled(from_json(job.request)))


@transaction.atomic
def end_if_run_too_often(token: str) -> None:
    """End a job whose every run died under it: it would only kill the next worker."""
    job = LocalTranscodeJob.objects.select_for_update().filter(token=token, status__in=OPEN).first()
    if job is None or job.runs < MAX_RUNS or (job.claimed_until and job.claimed_until > timezone.now()):
        return
    message = f"{job.runs} runs ended without a word"
    job.status, job.error_code, job.error_message = Status.ERROR, "worker_lost", message
    job.save(update_fields=["status", "error_code", "error_message"])
    accept(ffmpeg_events.error(from_json(job.request), job.error_code, message))


def abandoned(*, limit: int = 50) -> list[tuple[str, int]]:
    """Return token and number of runs of jobs whose run died, or that nobody has taken for a while; oldest first."""
    now = timezone.now()
    left = Q(claimed_until__lt=now) | Q(claimed_until=None, created_at__lt=now - QUEUE_AGAIN_AFTER)
    jobs = LocalTranscodeJob.objects.filter(left, status__in=OPEN).order_by("created_at")
    return [(str(token), runs) for token, runs in jobs.values_list("token", "runs")[:limit]]


def to_json(request: TranscodeRequest) -> dict[str, Any]:
    """Return the request as the row keeps it."""
    return asdict(request) | {"attempt": str(request.attempt)}


def from_json(value: dict[str, Any]) -> TranscodeRequest:
    """Return the request a row kept."""
    ladder = tuple(Rendition(**rendition) for rendition in value["ladder"])
    return TranscodeRequest(**(value | {"attempt": uuid.UUID(value["attempt"]), "ladder": ladder}))
