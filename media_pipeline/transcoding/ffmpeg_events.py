"""The built-in transcoder's envelopes: shaped as AWS Elemental MediaConvert's, by its user guide.

https://docs.aws.amazon.com/mediaconvert/latest/ug/ev_status_list.html
"""

from typing import Any

from django.utils import timezone

from media_pipeline.applying import Envelope
from media_pipeline.models import LocalTranscodeJob
from media_pipeline.transcoding.base import LOCAL_JOB, TranscodeRequest
from media_pipeline.transcoding.ffmpeg_command import MASTER

SOURCE = "livecommerce.transcoder"
BUCKET = "local"
APP = "livecommerce"


def progress(request: TranscodeRequest, percent: int, *, run: int) -> Envelope:
    """So much is done; a later run begins again, with envelopes of its own."""
    return _envelope(request, "STATUS_UPDATE", f"update-{run}-{percent}", _progress(percent))


def first_rendition(request: TranscodeRequest, *, run: int) -> Envelope:
    """The source's own bits play already. MediaConvert has nothing like it; the fields are those of COMPLETE."""
    group = {"type": "CMAF_GROUP", "playlistFilePaths": [_address(f"{request.video_folder}.first/{MASTER}")]}
    detail = _progress(0) | {"outputGroupDetails": [group | {"outputDetails": []}]}
    return _envelope(request, "STATUS_UPDATE", f"first-{run}", detail)


def complete(request: TranscodeRequest) -> Envelope:
    """Everything that was asked for is there."""
    renditions = [
        {
            "outputFilePaths": [_address(f"{request.video_folder}/{rendition.name}/index.m3u8")],
            "durationInMs": request.duration_ms,
            "videoDetails": {"widthInPx": rendition.width, "heightInPx": rendition.height},
        }
        for rendition in request.ladder
    ]
    groups = [
        {
            "type": "CMAF_GROUP",
            "playlistFilePaths": [_address(f"{request.video_folder}/{MASTER}")],
            "outputDetails": renditions,
        },
        *(
            {
                "type": "FILE_GROUP",
                "outputDetails": [{"outputFilePaths": [_address(f"{request.preview_folder}/{name}")]}],
            }
            for name in ("hover.mp4", "poster.0000000.jpg", "story.0000000.jpg")
        ),
    ]
    return _envelope(request, "COMPLETE", "complete", {"outputGroupDetails": groups})


def error(request: TranscodeRequest, code: str, message: str) -> Envelope:
    """It cannot be done. MediaConvert's codes are numbers, ours words."""
    return _envelope(request, "ERROR", "error", {"errorCode": code, "errorMessage": message})


def canceled(request: TranscodeRequest) -> Envelope:
    """Nobody wanted it any more."""
    return _envelope(request, "CANCELED", "canceled", {})


def state_of(job: LocalTranscodeJob, request: TranscodeRequest) -> Envelope:
    """Return what a job that is asked about says: its last news, as an envelope of its own."""
    match job.status:
        case job.Status.COMPLETE:
            envelope = complete(request)
        case job.Status.ERROR:
            envelope = error(request, job.error_code, job.error_message)
        case job.Status.CANCELED:
            envelope = canceled(request)
        case _:
            envelope = progress(request, job.percent, run=job.runs)
    return envelope | {"id": f"{request.attempt}-asked-{envelope['detail']['timestamp']}"}


def job_id(request: TranscodeRequest) -> str:
    return f"{LOCAL_JOB}{request.attempt}"


def _progress(percent: int) -> dict[str, Any]:
    return {"jobProgress": {"jobPercentComplete": percent, "currentPhase": "TRANSCODING"}}


def _address(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def _envelope(request: TranscodeRequest, status: str, name: str, detail: dict[str, Any]) -> Envelope:
    now, job = timezone.now(), job_id(request)
    return {
        "version": "0",
        "id": f"{request.attempt}-{name}",
        "detail-type": "MediaConvert Job State Change",
        "source": SOURCE,
        "account": "local",
        "time": now.isoformat(),
        "region": "local",
        "resources": [job],
        "detail": {
            "timestamp": int(now.timestamp() * 1000),
            "accountId": "local",
            "queue": "local",
            "jobId": job,
            "status": status,
            "userMetadata": {"app": APP, "attempt": str(request.attempt)},
            **detail,
        },
    }
