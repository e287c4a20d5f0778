"""AWS Elemental MediaConvert in memory: jobs, their progress, and the events about it.

A request token counts for one minute after the first success, as the API reference says ("Preventing duplicate jobs").
Nothing is transcoded unless a `runner` does it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from tests.aws.names import ACCOUNT, arn, envelope, some_id
from tests.aws.server import FakeService, Params, ServiceFault

TOKEN_SECONDS = 60
TOKEN_CHARACTERS = 64
ENDED = ("COMPLETE", "CANCELED", "ERROR")

Runner = Callable[["FakeMediaConvert", Params], None]


class FakeMediaConvert(FakeService):
    """`progress`, `complete` and `fail` are the transcoder's side; `emit` hears what EventBridge would deliver.

    `runner(fake, job)` is called in a thread of its own with every new job, and calls those three.
    """

    name = "mediaconvert"
    invalid_code = "BadRequestException"
    throttled_code = "TooManyRequestsException"

    def __init__(
        self, emit: Callable[[dict[str, Any]], None] = lambda event: None, runner: Runner | None = None
    ) -> None:
        super().__init__(emit)
        self.runner = runner
        self.jobs: dict[str, Params] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        """Request token → the job it made, and until when (monotonic seconds) it counts."""

    # --- The transcoder ------------------------------------------------------------------------------------
    def progress(self, job_id: str, percent: int) -> None:
        """Let the job go on. The first time it is an event PROGRESSING, then STATUS_UPDATE."""
        with self.operating():
            job = self._open(job_id)
            first = job["Status"] == "SUBMITTED"
            if first:
                job["Timing"]["StartTime"] = now()
            job |= {"Status": "PROGRESSING", "JobPercentComplete": percent, "CurrentPhase": "TRANSCODING"}
            detail = (
                {}
                if first
                else {"jobProgress": {"jobPercentComplete": percent, "currentPhase": "TRANSCODING"}}
            )
            self._tell(job, "PROGRESSING" if first else "STATUS_UPDATE", detail)

    def complete(self, job_id: str, output_groups: list[dict[str, Any]]) -> None:
        """End the job well. `output_groups` as the event tells them: `outputGroupDetails`, with file paths."""
        with self.operating():
            job = self._open(job_id)
            job |= {
                "Status": "COMPLETE",
                "JobPercentComplete": 100,
                "OutputGroupDetails": without_paths(output_groups),
            }
            job["Timing"]["FinishTime"] = now()
            self._tell(job, "COMPLETE", {"outputGroupDetails": output_groups})

    def fail(self, job_id: str, code: int, text: str) -> None:
        """End the job with an error of MediaConvert's list (1010 bad settings … 3450 cannot write)."""
        with self.operating():
            job = self._open(job_id)
            job |= {"Status": "ERROR", "ErrorCode": code, "ErrorMessage": text}
            job["Timing"]["FinishTime"] = now()
            self._tell(job, "ERROR", {"errorCode": code, "errorMessage": text})

    def forget_tokens(self) -> None:
        """Let the minute of every request token pass."""
        self.tokens.clear()

    def _open(self, job_id: str) -> Params:
        job = self.jobs[job_id]
        if job["Status"] in ENDED:
            raise ServiceFault("ConflictException", f"the job is {job['Status']}")
        return job

    def _tell(self, job: Params, status: str, more: dict[str, Any]) -> None:
        detail = {
            "timestamp": int(time.time() * 1000),
            "accountId": ACCOUNT,
            "queue": job["Queue"],
            "jobId": job["Id"],
            "status": status,
            "userMetadata": job["UserMetadata"],
            **more,
        }
        self.tell(envelope("aws.mediaconvert", "MediaConvert Job State Change", job["Arn"], detail))

    # --- The API -------------------------------------------------------------------------------------------
    def create_job(self, params: Params) -> Params:
        token = params.get("ClientRequestToken", "")
        if len(token) > TOKEN_CHARACTERS:
            raise ServiceFault("BadRequestException", "the request token is too long")
        known, until = self.tokens.get(token, ("", 0.0))
        if known and until > time.monotonic():
            return {"Job": self.jobs[known]}
        number = f"{int(time.time() * 1000)}-{some_id(6).lower()}"
        job = {
            "Queue": arn("mediaconvert", "queues/Default"),
            "UserMetadata": {},
            "Priority": 0,
            # Tags belong to the job but are read by another operation.
            **{name: part for name, part in params.items() if name != "Tags"},
            "Id": number,
            "Arn": arn("mediaconvert", f"jobs/{number}"),
            "Status": "SUBMITTED",
            "CreatedAt": now(),
            "Timing": {"SubmitTime": now()},
        }
        self.jobs[number] = job
        if token:
            self.tokens[token] = (number, time.monotonic() + TOKEN_SECONDS)
        if self.runner:
            Thread(target=self.runner, args=(self, job), daemon=True).start()
        return {"Job": job}

    def get_job(self, params: Params) -> Params:
        return {"Job": self._job(params["Id"])}

    def list_jobs(self, params: Params) -> Params:
        newest_first = params.get("Order", "DESCENDING") == "DESCENDING"
        found = [
            job
            for job in self.jobs.values()
            if params.get("Status") in (None, job["Status"]) and params.get("Queue") in (None, job["Queue"])
        ]
        if newest_first:
            found.reverse()
        start = int(params.get("NextToken") or 0)
        end = start + params.get("MaxResults", 20)
        return {"Jobs": found[start:end], **({"NextToken": str(end)} if end < len(found) else {})}

    def cancel_job(self, params: Params) -> None:
        job = self._job(params["Id"])
        if job["Status"] in ENDED:
            raise ServiceFault("ConflictException", f"the job is {job['Status']}")
        job["Status"] = "CANCELED"
        job["Timing"]["FinishTime"] = now()
        self._tell(job, "CANCELED", {})

    def _job(self, number: str) -> Params:
        if number not in self.jobs:
            raise ServiceFault("NotFoundException", f"no job {number}")
        return self.jobs[number]


def without_paths(groups: list[dict[str, Any]]) -> list[Params]:
    """Return an event's output groups as GetJob tells them: durations and sizes, no file paths."""
    return [
        {
            "OutputDetails": [
                {
                    "DurationInMs": output.get("durationInMs", 0),
                    **(
                        {"VideoDetails": {"WidthInPx": size["widthInPx"], "HeightInPx": size["heightInPx"]}}
                        if (size := output.get("videoDetails"))
                        else {}
                    ),
                }
                for output in group.get("outputDetails", [])
            ]
        }
        for group in groups
    ]


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
