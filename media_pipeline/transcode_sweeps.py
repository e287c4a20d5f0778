"""What periodic tasks look after: no attempt hangs because the broker, an event or a worker was lost."""

import logging
from datetime import timedelta

from django.core.cache import cache
from django.db.models import F, Q
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from media_pipeline.inbox import accept
from media_pipeline.models import TranscodeAttempt
from media_pipeline.moves import Status
from media_pipeline.submissions import drop_attempt, give_up_attempt
from media_pipeline.transcoding import ffmpeg_books, transcoding

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=60)
UNSUBMITTED_UNTIL = timedelta(minutes=30)
UNSUBMITTED_TRIES = 5
"""A transcoder that took nothing for so long, asked so often, is told of to the video's owner. Time alone says
nothing: while workers were away nobody asked."""
QUEUED_SECONDS = 300
"""A job that nobody takes is queued again at most so often: a long queue is no loss. One that died is at once."""
LOST = "job_lost"
"""Error code of a job that its transcoder cannot tell anything of."""

Attempt = TranscodeAttempt.Status
OPEN = (Attempt.WAITING, Attempt.SUBMITTED, Attempt.PROGRESSING)


def unsubmitted_attempt_ids(*, limit: int = 100) -> list[str]:
    """Return attempts whose task was lost, oldest first; give up those that were tried long and often enough."""
    now = timezone.now()
    waiting = TranscodeAttempt.objects.filter(status=Attempt.WAITING, heard_at__lt=now - SILENT_AFTER)
    in_vain = waiting.filter(created_at__lt=now - UNSUBMITTED_UNTIL, submit_tries__gte=UNSUBMITTED_TRIES)
    for attempt in in_vain[:limit]:
        give_up_attempt(str(attempt.pk), ProviderError("the transcoder took nothing for half an hour"))
    left = [str(pk) for pk in waiting.order_by("heard_at").values_list("pk", flat=True)[:limit]]
    return [attempt_id for attempt_id in left if cache.add(f"submit-attempt:{attempt_id}", 1, 60)]


def local_tokens_to_queue() -> list[str]:
    """Return local jobs to put into the queue once more; end those whose runs all died."""
    tokens = []
    for token, runs in ffmpeg_books.abandoned():
        ffmpeg_books.end_if_run_too_often(token)
        if cache.add(f"run-local-transcode:{token}:{runs}", 1, QUEUED_SECONDS):
            tokens.append(token)
    return tokens


def drop_unwanted(*, limit: int = 100) -> None:
    """Stop jobs whose asset was cancelled, or has a newer attempt."""
    unwanted = TranscodeAttempt.objects.filter(status__in=OPEN).exclude(
        asset__status=Status.TRANSCODING, asset__attempt=F("pk")
    )
    for attempt in unwanted.select_related("asset")[:limit]:
        try:
            drop_attempt(attempt)
        except ProviderError as error:
            logger.warning("transcode not stopped yet", extra={"attempt": str(attempt.pk)}, exc_info=error)


def ask_about_silent(*, limit: int = 50) -> None:
    """Ask the transcoder about jobs it has said nothing of; its answer goes through the door like any news."""
    silent = TranscodeAttempt.objects.filter(
        ~Q(job_id=""),
        status__in=(Attempt.SUBMITTED, Attempt.PROGRESSING),
        heard_at__lt=timezone.now() - SILENT_AFTER,
    ).order_by("heard_at")
    for attempt in silent[:limit]:
        try:
            envelope = transcoding().look_up(attempt.job_id)
        except ProviderRefused as refusal:
            give_up_attempt(str(attempt.pk), refusal, code=LOST)
            continue
        except ProviderError as error:
            logger.warning("transcoder does not answer", exc_info=error)
            return
        if envelope is None:
            give_up_attempt(str(attempt.pk), ProviderError("the job is unknown"), code=LOST)
            continue
        accept(envelope)
        TranscodeAttempt.objects.filter(pk=attempt.pk).update(heard_at=timezone.now())
