"""Attempts that meet refusals, outages and cancellations half-way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from media_pipeline import applying, submissions, transcode_sweeps, transcode_tasks
from media_pipeline.attempts import try_again
from media_pipeline.models import Asset, ProviderEvent, TranscodeAttempt
from media_pipeline.moves import move_asset
from media_pipeline.tests.processing import received
from media_pipeline.transcoding.ffmpeg import FfmpegTranscoding
from tests.makers import make_asset, make_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folders")]

LONG_AGO = timedelta(hours=2)


def make_attempt(**fields):
    asset = make_asset(make_member(), status="transcoding", duration_ms=4000)
    attempt = TranscodeAttempt.objects.create(asset=asset, **({"status": "submitted"} | fields))
    Asset.objects.filter(pk=asset.pk).update(attempt=attempt)
    return attempt


def fall_silent(*attempts, **changes):
    TranscodeAttempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(
        heard_at=timezone.now() - timedelta(seconds=61), **changes
    )


def now(attempt):
    attempt.refresh_from_db()
    return attempt.status, attempt.error_code, Asset.objects.get(pk=attempt.asset_id).status


def test_a_bucket_that_is_named_but_not_used_changes_nothing(film, queue, settings):
    settings.S3_MEDIA_BUCKET = "for-later"
    asset = received(make_member(), film)
    transcode_tasks.check_asset(asset.pk)
    queue.run()
    asset.refresh_from_db()
    assert (asset.status, asset.storage_bucket) == ("ready", "local")


def test_a_job_whose_output_is_refused_is_not_asked_about_again(queue, monkeypatch):
    attempt = make_attempt(job_id="job-1")

    def elsewhere(self, job_id):
        group = {"type": "CMAF_GROUP", "playlistFilePaths": ["s3://elsewhere/master.m3u8"]}
        return {
            "source": "aws.mediaconvert",
            "id": f"asked-{ProviderEvent.objects.count()}",
            "detail-type": "MediaConvert Job State Change",
            "resources": [],
            "time": timezone.now().isoformat(),
            "detail": {
                "status": "COMPLETE",
                "userMetadata": {"app": "livecommerce", "attempt": str(attempt.pk)},
                "outputGroupDetails": [group],
            },
        }

    monkeypatch.setattr(FfmpegTranscoding, "look_up", elsewhere)
    for _ in range(3):
        fall_silent(attempt)
        transcode_tasks.ask_about_transcodes()
        applying.apply_waiting(seconds=5)
    assert [event.status for event in ProviderEvent.objects.all()] == ["applied"]
    assert now(attempt) == ("error", "bad_output", "failed")


def test_a_refused_job_keeps_nobody_from_being_asked_about_the_others(queue, monkeypatch):
    refused, other = make_attempt(job_id="refused"), make_attempt(job_id="other")
    asked = []

    def look_up(self, job_id):
        asked.append(job_id)
        if job_id == "refused":
            raise ProviderRefused("malformed id")

    monkeypatch.setattr(FfmpegTranscoding, "look_up", look_up)
    fall_silent(refused, other)
    transcode_tasks.ask_about_transcodes()
    assert sorted(asked) == ["other", "refused"]
    assert now(refused) == now(other) == ("error", "job_lost", "failed")


@pytest.fixture
def cancelled_while_submitted(film, queue, monkeypatch):
    """An attempt whose asset is cancelled while the transcoder takes the job; and what is told to stop."""
    asset = received(make_member(), film)
    transcode_tasks.check_asset(asset.pk)
    attempt = TranscodeAttempt.objects.get()
    stopped = []

    def submit(self, request):
        move_asset(asset.pk, Asset.Status.CANCELLED)
        return "paid-job"

    monkeypatch.setattr(FfmpegTranscoding, "submit", submit)
    monkeypatch.setattr(FfmpegTranscoding, "cancel", lambda self, job_id: stopped.append(job_id))
    return attempt, stopped


def test_a_film_cancelled_while_it_is_submitted_leaves_no_job(cancelled_while_submitted):
    attempt, stopped = cancelled_while_submitted
    submissions.submit_attempt(str(attempt.pk))
    assert stopped == ["paid-job"]
    assert now(attempt) == ("canceled", "", "cancelled")


def test_an_attempt_dropped_while_it_is_submitted_is_stopped_until_that_was_heard(
    cancelled_while_submitted, monkeypatch
):
    attempt, stopped = cancelled_while_submitted
    cancelled_then = FfmpegTranscoding.submit

    def swept_meanwhile(self, request):
        job_id = cancelled_then(self, request)
        transcode_tasks.ask_about_transcodes()
        return job_id

    def away(self, job_id):
        raise ProviderError("away")

    monkeypatch.setattr(FfmpegTranscoding, "submit", swept_meanwhile)
    with monkeypatch.context() as patched:
        patched.setattr(FfmpegTranscoding, "cancel", away)
        with pytest.raises(ProviderError):
            submissions.submit_attempt(str(attempt.pk))
    assert now(attempt) == ("canceled", "", "cancelled")
    submissions.submit_attempt(str(attempt.pk))
    assert stopped == ["paid-job"]


def test_an_attempt_that_waited_out_an_outage_is_tried_before_it_is_given_up(queue, monkeypatch):
    attempt = make_attempt(status="waiting")
    fall_silent(attempt, created_at=timezone.now() - LONG_AGO)
    transcode_tasks.ask_about_transcodes()
    assert queue.names == ["submit_attempt"]
    assert now(attempt) == ("waiting", "", "transcoding")


def test_every_try_to_submit_is_counted(film, queue, monkeypatch):
    def away(self, request):
        raise ProviderError("away")

    asset = received(make_member(), film)
    transcode_tasks.check_asset(asset.pk)
    attempt = TranscodeAttempt.objects.get()
    monkeypatch.setattr(FfmpegTranscoding, "submit", away)
    for _ in range(transcode_sweeps.UNSUBMITTED_TRIES):
        with pytest.raises(ProviderError):
            submissions.submit_attempt(str(attempt.pk))
    fall_silent(attempt, created_at=timezone.now() - LONG_AGO)
    transcode_tasks.ask_about_transcodes()
    assert now(attempt) == ("error", "not_submitted", "failed")


def test_another_check_is_counted_anew(queue):
    asset = make_asset(make_member(), status="failed", problem="check_failed", check_tries=7)
    try_again(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.check_tries) == ("checking", 0)
