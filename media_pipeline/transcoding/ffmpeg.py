"""The built-in transcoder: jobs are rows of our own database, ffmpeg runs in a worker of our own."""

from typing import Any

from django.conf import settings
from django.db import transaction

from common.errors import ProviderRefused
from media_pipeline.models import LocalTranscodeJob
from media_pipeline.transcode_tasks import run_local_transcode
from media_pipeline.transcoding import ffmpeg_books, ffmpeg_events
from media_pipeline.transcoding.base import LOCAL_JOB, TranscodeRequest, Transcoding


class FfmpegTranscoding(Transcoding):
    """Reads uploads from, and publishes to, this machine's file systems."""

    def submit(self, request: TranscodeRequest) -> str:
        if settings.MEDIA_STORAGE != "filesystem":
            raise ProviderRefused("the built-in transcoder needs MEDIA_STORAGE=filesystem")
        job = ffmpeg_books.open_job(request)
        if job.status == job.Status.SUBMITTED:
            transaction.on_commit(lambda: run_local_transcode.delay(str(job.token)), robust=True)
        return ffmpeg_events.job_id(request)

    def look_up(self, job_id: str) -> dict[str, Any] | None:
        job = (
            LocalTranscodeJob.objects.filter(token=job_id.removeprefix(LOCAL_JOB)).first()
            if _is_ours(job_id)
            else None
        )
        return ffmpeg_events.state_of(job, ffmpeg_books.from_json(job.request)) if job else None

    def cancel(self, job_id: str) -> None:
        if _is_ours(job_id):
            ffmpeg_books.cancel(job_id.removeprefix(LOCAL_JOB))


def _is_ours(job_id: str) -> bool:
    """A job that another transcoder was given, before settings changed, is none of ours."""
    return job_id.startswith(LOCAL_JOB)
