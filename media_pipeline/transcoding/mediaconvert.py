"""AWS Elemental MediaConvert as the transcoder. Source of limits and behaviour: its API reference and user guide."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from common.aws import AwsRefused, aws_client, calling_aws
from common.errors import ProviderError, ProviderRefused
from media_pipeline.transcoding.base import LOCAL_JOB, TranscodeRequest, Transcoding
from media_pipeline.transcoding.mediaconvert_settings import job_settings

MAY_NOT_ASK = ("ForbiddenException", "AccessDeniedException")
APP = "livecommerce"
ARN_REGION, ARN_ACCOUNT = 3, 4
NEWEST_JOBS = 20


class MediaConvertTranscoding(Transcoding):
    """Reads from the uploads bucket, writes into the media bucket; the service needs a role that may do both."""

    def submit(self, request: TranscodeRequest) -> str:
        if not (settings.S3_UPLOADS_BUCKET and settings.S3_MEDIA_BUCKET):
            raise ProviderRefused("MediaConvert needs S3_UPLOADS_BUCKET and S3_MEDIA_BUCKET")
        attempt = str(request.attempt)
        with calling_aws():
            # A request token counts for a minute only; a task that is tried again may come later.
            known = aws_client("mediaconvert").list_jobs(
                MaxResults=NEWEST_JOBS, Order="DESCENDING", **_queue()
            )
            for job in known.get("Jobs", []):
                if job.get("UserMetadata", {}).get("attempt") == attempt:
                    return str(job["Id"])
            created = aws_client("mediaconvert").create_job(**job_params(request))
        return str(created["Job"]["Id"])

    def look_up(self, job_id: str) -> dict[str, Any] | None:
        if job_id.startswith(LOCAL_JOB):
            return None
        try:
            with calling_aws():
                job = aws_client("mediaconvert").get_job(Id=job_id)["Job"]
        except AwsRefused as refusal:
            if refusal.not_found:
                return None
            if refusal.code in MAY_NOT_ASK:  # says nothing about the job: somebody has to mend the role
                raise ProviderError(f"GetJob: {refusal.code}") from refusal
            raise
        return envelope_of(job)

    def cancel(self, job_id: str) -> None:
        if job_id.startswith(LOCAL_JOB):
            return
        try:
            with calling_aws():
                aws_client("mediaconvert").cancel_job(Id=job_id)
        except AwsRefused as refusal:
            if not (refusal.conflict or refusal.not_found):  # it has ended
                raise


def job_params(request: TranscodeRequest) -> dict[str, Any]:
    """Return CreateJob's parameters. Tags tell whose cost it is, the metadata comes back in every event."""
    source = f"s3://{settings.S3_UPLOADS_BUCKET}/{request.source_key}"
    return {
        "Role": settings.MEDIACONVERT_ROLE_ARN,
        **_queue(),
        "ClientRequestToken": str(request.attempt),
        "UserMetadata": {"app": APP, "attempt": str(request.attempt)},
        "Tags": {"app": APP, "owner": request.owner_code, "asset": request.asset_code},
        "BillingTagsSource": "JOB",
        "AccelerationSettings": {"Mode": "DISABLED"},
        "StatusUpdateInterval": "SECONDS_10",
        "Settings": job_settings(request, source=source, bucket=settings.S3_MEDIA_BUCKET),
    }


def _queue() -> dict[str, str]:
    """Return the queue to use; without one the service takes the account's default."""
    return {"Queue": settings.MEDIACONVERT_QUEUE_ARN} if settings.MEDIACONVERT_QUEUE_ARN else {}


def envelope_of(job: dict[str, Any]) -> dict[str, Any]:
    """Return the state GetJob tells as the event would have told it, under an id of its own."""
    now = datetime.now(UTC)
    parts = job["Arn"].split(":")
    status = "STATUS_UPDATE" if job["Status"] == "PROGRESSING" else job["Status"]
    detail: dict[str, Any] = {
        "timestamp": int(now.timestamp() * 1000),
        "accountId": parts[ARN_ACCOUNT],
        "queue": job.get("Queue", ""),
        "jobId": job["Id"],
        "status": status,
        "userMetadata": job.get("UserMetadata", {}),
    }
    match status:
        case "STATUS_UPDATE":
            detail["jobProgress"] = {"jobPercentComplete": job.get("JobPercentComplete", 0)}
        case "ERROR":
            detail |= {"errorCode": job.get("ErrorCode", 0), "errorMessage": job.get("ErrorMessage", "")}
        case "COMPLETE":
            detail["outputGroupDetails"] = list(_output_groups(job))
    return {
        "version": "0",
        "id": f"{job['Id']}-asked-{time.time_ns()}",
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": parts[ARN_ACCOUNT],
        "time": now.isoformat(),
        "region": parts[ARN_REGION],
        "resources": [job["Arn"]],
        "detail": detail,
    }


def _output_groups(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """GetJob names no files, but they lie where the job's own settings say."""
    told = job.get("OutputGroupDetails", [])
    for number, group in enumerate(job["Settings"]["OutputGroups"]):
        outputs = told[number].get("OutputDetails", []) if number < len(told) else []
        details = [{"durationInMs": output.get("DurationInMs", 0)} for output in outputs]
        chosen = group["OutputGroupSettings"]
        if chosen["Type"] == "CMAF_GROUP_SETTINGS":
            playlist = f"{chosen['CmafGroupSettings']['Destination']}.m3u8"
            yield {"type": "CMAF_GROUP", "playlistFilePaths": [playlist], "outputDetails": details}
        else:
            yield {"type": "FILE_GROUP", "outputDetails": details}
