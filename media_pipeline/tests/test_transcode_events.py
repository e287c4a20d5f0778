"""Envelopes of transcoders in every order, doubled, foreign and hostile."""

import itertools
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from celery.exceptions import Retry
from django.db import transaction
from django.utils import timezone

from common.errors import IllegalMove, ProviderError, ProviderRefused
from media_pipeline import applying, inbox, submissions, transcode_sweeps, transcode_tasks
from media_pipeline.addresses import refresh_addresses
from media_pipeline.attempts import NoSuchPoster, SourceGone, choose_poster, try_again
from media_pipeline.models import Asset, ProviderEvent, TranscodeAttempt
from media_pipeline.moves import move_asset
from media_pipeline.transcode_events import apply_job_state
from media_pipeline.transcoding.ffmpeg import FfmpegTranscoding
from tests.makers import make_asset, make_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queue")]

SAMPLES = Path(__file__).parent / "events"
STATUSES = {
    "progressing": "PROGRESSING",
    "status-update": "STATUS_UPDATE",
    "input-information": "INPUT_INFORMATION",
    "new-warning": "NEW_WARNING",
    "queue-hop": "QUEUE_HOP",
    "complete": "COMPLETE",
    "error": "ERROR",
    "canceled": "CANCELED",
}
ORDERS = list(itertools.permutations(["progressing", "status-update", "complete", "queue-hop"]))
ENDS = list(itertools.permutations(["complete", "error", "canceled", "progressing"]))
SOURCE = {
    "container": "mov,mp4,m4a,3gp,3g2,mj2",
    "codec": "h264",
    "pixel_format": "yuv420p",
    "bit_depth": 8,
    "is_hdr": False,
    "is_interlaced": False,
    "width": 1280,
    "height": 720,
    "rotation": 0,
    "fps": 30,
    "is_variable_rate": False,
    "duration_ms": 60_000,
    "video_bitrate_bps": 5_000_000,
    "keyframe_ms": 2000,
    "audio_codec": "aac",
    "video_streams": 1,
    "audio_streams": 1,
    "other_streams": 0,
}


@pytest.fixture
def attempt(settings):
    """The newest attempt of a video that is being transcoded."""
    settings.MEDIA_STORAGE, settings.S3_MEDIA_BUCKET = "s3", "example-vod"
    return new_attempt(make_asset(make_member(), status="transcoding", source=SOURCE, duration_ms=60_000))


def new_attempt(asset):
    made = TranscodeAttempt.objects.create(asset=asset, status="submitted", job_id="1515368087458-qnoxtd")
    Asset.objects.filter(pk=asset.pk).update(attempt=made)
    asset.refresh_from_db()
    return made


def sample(name, attempt, **changes):
    """The provider's sample as it would come for this attempt."""
    envelope = json.loads((SAMPLES / f"mediaconvert-{name}.json").read_text())
    assert envelope["detail"]["status"] == STATUSES[name]
    envelope["id"] = f"{attempt.pk}-{name}"
    detail = envelope["detail"]
    detail["userMetadata"] = {"app": "livecommerce", "attempt": str(attempt.pk)}
    if name == "complete":
        playlist = f"s3://example-vod/videos/{attempt.asset.code}/{attempt.pk}/master.m3u8"
        detail["outputGroupDetails"][0]["playlistFilePaths"] = [playlist]
    return envelope | {"detail": detail | changes}


def update(attempt, percent):
    return sample("status-update", attempt, jobProgress={"jobPercentComplete": percent})


@transaction.atomic
def heard(envelope):
    """Apply it as the door does: in a transaction."""
    apply_job_state(envelope)


def now(attempt):
    asset = Asset.objects.get(pk=attempt.asset_id)
    attempt.refresh_from_db()
    return attempt.status, attempt.percent, asset.status, asset.problem


def test_a_complete_job_makes_the_video_ready(attempt):
    heard(sample("complete", attempt))
    asset = Asset.objects.get()
    folder = f"{asset.code}/{attempt.pk}"
    assert now(attempt) == ("complete", 100, "ready", "")
    assert (asset.storage_bucket, asset.storage_key) == ("example-vod", f"videos/{folder}/master.m3u8")
    assert asset.preview_key == f"previews/{folder}/"
    assert asset.playback_url == f"/media/videos/{folder}/master.m3u8"
    assert asset.poster_url == f"/media/previews/{folder}/poster.0000001.jpg"
    assert asset.duration_ms == 180_041
    assert (asset.poster_count, asset.storyboard_count, asset.storyboard_interval_ms) == (5, 30, 2000)


def test_progress_is_told_and_only_grows(attempt):
    for percent, expected in ((20, 20), (40, 40), (30, 40), (40, 40), (100, 99)):
        heard(update(attempt, percent))
        assert now(attempt) == ("progressing", expected, "transcoding", "")
    assert Asset.objects.get().version == 3


def test_progress_need_not_be_told(attempt):
    for broken in (None, {}, {"jobPercentComplete": None}, {"jobPercentComplete": "40"}):
        heard(sample("status-update", attempt, jobProgress=broken))
    assert now(attempt) == ("progressing", 0, "transcoding", "")


def test_an_error_is_kept_for_staff_and_told_to_the_owner_in_words(attempt):
    heard(sample("error", attempt))
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")
    assert (attempt.error_code, attempt.error_message) == ("1040", "Example error message")


def test_a_job_cancelled_at_the_provider_may_be_tried_again(attempt):
    heard(sample("canceled", attempt))
    assert now(attempt) == ("canceled", 0, "failed", "transcode_failed")
    try_again(attempt.asset_id)
    assert Asset.objects.get().status == "transcoding"


@pytest.mark.parametrize("name", ["input-information", "new-warning", "queue-hop"])
def test_news_without_effect_are_signs_of_life(name, attempt):
    TranscodeAttempt.objects.update(heard_at=timezone.now() - timedelta(hours=1))
    heard(sample(name, attempt))
    assert now(attempt) == ("submitted", 0, "transcoding", "")
    assert timezone.now() - attempt.heard_at < timedelta(seconds=30)


@pytest.mark.parametrize("order", ORDERS)
def test_whatever_the_order_and_however_often_it_ends_the_same(order, attempt):
    for name in (*order, *order):
        heard(sample(name, attempt))
    assert now(attempt) == ("complete", 100, "ready", "")


@pytest.mark.parametrize("order", ENDS)
def test_the_first_end_counts_and_never_goes_back(order, attempt):
    first = next(name for name in order if name != "progressing")
    for name in order:
        heard(sample(name, attempt))
    assert now(attempt)[0] == {"complete": "complete", "error": "error", "canceled": "canceled"}[first]
    assert now(attempt)[2] == ("ready" if first == "complete" else "failed")


@pytest.mark.parametrize("name", STATUSES)
def test_an_older_attempt_changes_nothing_any_more(name, attempt):
    newer = new_attempt(attempt.asset)
    before = Asset.objects.values().get()
    heard(sample(name, attempt))
    assert Asset.objects.values().get() == before
    assert now(newer)[0] == "submitted"


@pytest.mark.parametrize("name", STATUSES)
def test_a_cancelled_asset_stays_cancelled(name, attempt):
    move_asset(attempt.asset_id, Asset.Status.CANCELLED)
    heard(sample(name, attempt))
    assert Asset.objects.get().status == "cancelled"


@pytest.mark.parametrize("labels", [None, {}, {"app": "other"}, {"app": "other", "attempt": "x"}])
def test_other_programs_jobs_are_none_of_ours(labels, attempt):
    heard(sample("complete", attempt, userMetadata=labels))
    assert now(attempt) == ("submitted", 0, "transcoding", "")


def test_an_attempt_that_is_not_there_yet_is_waited_for(attempt):
    labels = {"app": "livecommerce", "attempt": str(uuid4())}
    with pytest.raises(applying.NotYet):
        heard(sample("complete", attempt, userMetadata=labels))


@pytest.mark.parametrize("value", [None, "", "7", ["x"], "'; drop table"])
def test_a_job_of_ours_without_an_attempt_is_for_staff(value, attempt):
    with pytest.raises(ProviderRefused):
        heard(sample("complete", attempt, userMetadata={"app": "livecommerce", "attempt": value}))


@pytest.mark.parametrize(
    "playlist",
    [
        "s3://other-bucket/videos/{code}/{attempt}/master.m3u8",
        "https://example.com/master.m3u8",
        "s3://example-vod/videos/{code}/other-attempt/master.m3u8",
        "s3://example-vod/videos/other-asset/{attempt}/master.m3u8",
        "s3://example-vod/videos/{code}/{attempt}/../../../sources/film.m3u8",
        "s3://example-vod/videos/{code}/{attempt}.first/master.m3u8",
    ],
)
def test_outputs_elsewhere_end_the_attempt_and_never_play(playlist, attempt):
    path = playlist.format(code=attempt.asset.code, attempt=attempt.pk)
    groups = [{"type": "CMAF_GROUP", "playlistFilePaths": [path], "outputDetails": []}]
    inbox.accept(sample("complete", attempt, outputGroupDetails=groups))
    applying.apply_waiting(seconds=5)
    assert ProviderEvent.objects.get().status == "applied"
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")
    assert (attempt.error_code, Asset.objects.get().playback_url) == ("bad_output", "")
    assert path.removeprefix("s3://example-vod/") in attempt.error_message


def test_a_complete_job_without_a_playlist_ends_the_attempt(attempt):
    heard(sample("complete", attempt, outputGroupDetails=[]))
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")
    assert attempt.error_code == "bad_output"


def test_what_plays_early_is_taken_back_when_the_rest_fails(attempt):
    asset = attempt.asset
    early = f"videos/{asset.code}/{attempt.pk}.first/master.m3u8"
    groups = [{"type": "CMAF_GROUP", "playlistFilePaths": [f"s3://example-vod/{early}"], "outputDetails": []}]
    heard(sample("status-update", attempt, jobProgress=None, outputGroupDetails=groups))
    asset.refresh_from_db()
    assert (asset.status, asset.storage_key, asset.playback_url) == ("transcoding", early, f"/media/{early}")
    heard(sample("error", attempt))
    asset.refresh_from_db()
    assert (asset.status, asset.storage_key, asset.playback_url) == ("failed", "", "")


def test_a_full_disk_has_words_of_its_own(attempt):
    heard(sample("error", attempt, errorCode="disk_full"))
    assert now(attempt) == ("error", 0, "failed", "storage_failed")


# --- What owners do ---------------------------------------------------------------------------------------


def test_only_what_failed_is_tried_again_and_only_with_its_source(attempt):
    with pytest.raises(IllegalMove):
        try_again(attempt.asset_id)
    heard(sample("error", attempt))
    Asset.objects.update(source_key="")
    with pytest.raises(SourceGone):
        try_again(attempt.asset_id)


def test_a_check_that_failed_is_tried_again_from_there(queue):
    asset = make_asset(make_member(), status="failed", problem="check_failed")
    try_again(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.problem, queue.names) == ("checking", "", ["check_asset"])


def test_the_owner_chooses_the_poster(attempt):
    with pytest.raises(IllegalMove):
        choose_poster(attempt.asset_id, 0)
    heard(sample("complete", attempt))
    choose_poster(attempt.asset_id, 4)
    asset = Asset.objects.get()
    assert asset.poster_url.endswith("/poster.0000004.jpg")
    assert asset.version == 2
    for number in (-1, 5):
        with pytest.raises(NoSuchPoster):
            choose_poster(attempt.asset_id, number)


def test_addresses_follow_a_change_of_domain(attempt, settings):
    heard(sample("complete", attempt))
    make_asset(attempt.asset.owner, purpose="avatar")
    assert refresh_addresses() == 0
    settings.MEDIA_BASE_URL = "https://cdn.example.com"
    assert refresh_addresses() == 2
    video, avatar = Asset.objects.order_by("pk")
    assert video.playback_url == f"https://cdn.example.com/{video.storage_key}"
    assert video.clip_url == f"https://cdn.example.com/{video.preview_key}hover.mp4"
    assert avatar.poster_url == f"https://cdn.example.com/{avatar.storage_key}"


# --- What sweeps find -------------------------------------------------------------------------------------


def silent(attempt, **changes):
    TranscodeAttempt.objects.filter(pk=attempt.pk).update(
        heard_at=timezone.now() - timedelta(seconds=61), **changes
    )


def test_a_silent_job_is_asked_about_and_its_answer_comes_through_the_door(attempt, monkeypatch):
    monkeypatch.setattr(FfmpegTranscoding, "look_up", lambda self, job_id: sample("complete", attempt))
    transcode_tasks.ask_about_transcodes()
    assert not ProviderEvent.objects.exists()
    silent(attempt)
    transcode_tasks.ask_about_transcodes()
    applying.apply_waiting(seconds=5)
    assert now(attempt) == ("complete", 100, "ready", "")


def test_a_job_that_nobody_knows_has_failed(attempt):
    silent(attempt)
    transcode_tasks.ask_about_transcodes()
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")


def test_a_transcoder_that_does_not_answer_is_asked_again(attempt, monkeypatch):
    def away(self, job_id):
        raise ProviderError("away")

    monkeypatch.setattr(FfmpegTranscoding, "look_up", away)
    silent(attempt)
    transcode_tasks.ask_about_transcodes()
    assert now(attempt) == ("submitted", 0, "transcoding", "")


def test_an_attempt_whose_task_was_lost_is_submitted(attempt, queue, settings):
    settings.MEDIA_STORAGE = "filesystem"
    silent(attempt, status="waiting", job_id="")
    transcode_tasks.ask_about_transcodes()
    transcode_tasks.ask_about_transcodes()
    assert queue.names == ["submit_attempt"]
    queue.run(until="run_local_transcode")
    assert now(attempt)[0] == "submitted"
    assert attempt.job_id == f"local-{attempt.pk}"


def test_an_attempt_that_could_not_be_submitted_for_long_has_failed(attempt):
    since = timezone.now() - timedelta(minutes=31)
    tries = transcode_sweeps.UNSUBMITTED_TRIES
    silent(attempt, status="waiting", job_id="", created_at=since, submit_tries=tries)
    transcode_sweeps.unsubmitted_attempt_ids()
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")


def test_jobs_that_nobody_waits_for_are_stopped(attempt, monkeypatch):
    stopped = []
    monkeypatch.setattr(FfmpegTranscoding, "cancel", lambda self, job_id: stopped.append(job_id))
    transcode_tasks.ask_about_transcodes()
    assert stopped == []
    move_asset(attempt.asset_id, Asset.Status.CANCELLED)
    transcode_tasks.ask_about_transcodes()
    assert stopped == ["1515368087458-qnoxtd"]
    assert now(attempt) == ("canceled", 0, "cancelled", "")


@pytest.mark.parametrize(
    ("error", "tries"), [(ProviderRefused("no"), 0), (ProviderError("away"), transcode_tasks.TRIES)]
)
def test_a_submission_that_is_refused_or_failed_often_ends_the_attempt(error, tries, attempt, monkeypatch):
    def refuse(self, request):
        raise error

    TranscodeAttempt.objects.update(status="waiting", job_id="")
    monkeypatch.setattr(FfmpegTranscoding, "submit", refuse)
    transcode_tasks.submit_attempt.apply(args=[str(attempt.pk)], retries=tries, throw=True)
    assert now(attempt) == ("error", 0, "failed", "transcode_failed")
    assert attempt.error_code == "not_submitted"


def test_a_submission_that_failed_once_is_tried_again(attempt, monkeypatch):
    def away(self, request):
        raise ProviderError("away")

    TranscodeAttempt.objects.update(status="waiting", job_id="")
    monkeypatch.setattr(FfmpegTranscoding, "submit", away)
    with pytest.raises(Retry):
        transcode_tasks.submit_attempt.apply(args=[str(attempt.pk)], throw=True)
    assert now(attempt) == ("waiting", 0, "transcoding", "")


def test_a_cancelled_asset_is_not_submitted(attempt):
    TranscodeAttempt.objects.update(status="waiting", job_id="")
    move_asset(attempt.asset_id, Asset.Status.CANCELLED)
    submissions.submit_attempt(str(attempt.pk))
    assert now(attempt) == ("canceled", 0, "cancelled", "")


def test_news_that_overtakes_the_submissions_answer_is_not_undone(attempt, monkeypatch):
    TranscodeAttempt.objects.update(status="waiting", job_id="")

    def submit(self, request):
        heard(update(attempt, 40))
        return "1515368087458-qnoxtd"

    monkeypatch.setattr(FfmpegTranscoding, "submit", submit)
    submissions.submit_attempt(str(attempt.pk))
    assert now(attempt) == ("progressing", 40, "transcoding", "")
    assert attempt.job_id == "1515368087458-qnoxtd"
