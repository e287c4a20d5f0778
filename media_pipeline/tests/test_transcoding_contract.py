"""What every transcoder must do, whichever it is; and what only MediaConvert's adapter has to get right."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from common.errors import ProviderError, ProviderRefused
from media_pipeline.applying import event_time
from media_pipeline.ladder import ladder
from media_pipeline.models import LocalTranscodeJob
from media_pipeline.transcoding import ffmpeg_books, transcoding
from media_pipeline.transcoding.base import TranscodeRequest
from media_pipeline.transcoding.ffmpeg_command import ladder_command
from media_pipeline.transcoding.mediaconvert import job_params
from tests.aws.model_check import request_problems

pytestmark = pytest.mark.django_db(transaction=True)


def make_request(**changes):
    attempt = uuid4()
    values = {
        "attempt": attempt,
        "asset_code": "k3m9p2x7w4ab",
        "owner_code": "h8t5q2n6c3de",
        "source_key": "sources/k3m9p2x7w4ab/random",
        "duration_ms": 61_234,
        "fps": 30000 / 1001,
        "has_audio": True,
        "rotation": 0,
        "ladder": ladder(1920, 1080, 29.97),
        "poster_count": 5,
        "storyboard_count": 31,
        "storyboard_interval_ms": 2000,
        "video_folder": f"videos/k3m9p2x7w4ab/{attempt}",
        "preview_folder": f"previews/k3m9p2x7w4ab/{attempt}",
    }
    return TranscodeRequest(**(values | changes))


class Local:
    """The built-in transcoder, its worker played by the test."""

    bucket = "local"

    def jobs(self):
        return LocalTranscodeJob.objects.count()

    def progress(self, request, percent):
        run = ffmpeg_books.claim(str(request.attempt))
        ffmpeg_books.report_progress(run, percent)
        ffmpeg_books.release(run)

    def complete(self, request):
        ffmpeg_books.report_complete(ffmpeg_books.claim(str(request.attempt)))

    def fail(self, request):
        ffmpeg_books.report_error(ffmpeg_books.claim(str(request.attempt)), "ffmpeg_failed", "cannot be read")


class MediaConvert:
    """The fake service."""

    bucket = "media-bucket"

    def __init__(self, fake):
        self.fake = fake.mediaconvert

    def jobs(self):
        return len(self.fake.jobs)

    def job_of(self, request):
        (job_id,) = (
            key
            for key, job in self.fake.jobs.items()
            if job["UserMetadata"]["attempt"] == str(request.attempt)
        )
        return job_id

    def progress(self, request, percent):
        for _ in range(2):  # the first time says only that it has begun
            self.fake.progress(self.job_of(request), percent)

    def complete(self, request):
        details = [{"durationInMs": 61_200, "videoDetails": {"widthInPx": 1920, "heightInPx": 1080}}]
        self.fake.complete(self.job_of(request), [{"type": "CMAF_GROUP", "outputDetails": details}])

    def fail(self, request):
        self.fake.fail(self.job_of(request), 1040, "cannot be read")


@pytest.fixture
def local(settings, folders, queue):
    settings.TRANSCODING = {"default": {"BACKEND": "media_pipeline.transcoding.ffmpeg.FfmpegTranscoding"}}
    return Local()


@pytest.fixture
def mediaconvert(settings, fake_aws):
    backend = "media_pipeline.transcoding.mediaconvert.MediaConvertTranscoding"
    settings.TRANSCODING = {"default": {"BACKEND": backend}}
    settings.S3_MEDIA_BUCKET, settings.S3_UPLOADS_BUCKET = "media-bucket", "uploads-bucket"
    settings.MEDIACONVERT_ROLE_ARN = "arn:aws:iam::111122223333:role/transcode"
    settings.MEDIACONVERT_QUEUE_ARN = "arn:aws:mediaconvert:ap-northeast-2:111122223333:queues/Default"
    return MediaConvert(fake_aws)


@pytest.fixture(params=["local", "mediaconvert"])
def service(request):
    return request.getfixturevalue(request.param)


class TestEveryTranscoder:
    def test_the_same_attempt_is_the_same_job(self, service):
        request = make_request()
        assert transcoding().submit(request) == transcoding().submit(request)
        assert service.jobs() == 1
        assert transcoding().submit(make_request()) != transcoding().submit(request)

    def test_a_job_that_has_not_begun(self, service):
        envelope = transcoding().look_up(transcoding().submit(make_request()))
        assert envelope["detail"]["status"] in ("SUBMITTED", "STATUS_UPDATE")

    def test_how_far_it_is(self, service):
        request = make_request()
        job_id = transcoding().submit(request)
        service.progress(request, 42)
        detail = transcoding().look_up(job_id)["detail"]
        assert (detail["status"], detail["jobProgress"]["jobPercentComplete"]) == ("STATUS_UPDATE", 42)

    def test_a_finished_job_names_its_playlist(self, service):
        request = make_request()
        job_id = transcoding().submit(request)
        service.complete(request)
        detail = transcoding().look_up(job_id)["detail"]
        assert detail["status"] == "COMPLETE"
        playlists = [
            path for group in detail["outputGroupDetails"] for path in group.get("playlistFilePaths", [])
        ]
        assert playlists == [f"s3://{service.bucket}/{request.video_folder}/master.m3u8"]
        length = detail["outputGroupDetails"][0]["outputDetails"][0]["durationInMs"]
        assert length == pytest.approx(61_200, abs=50)

    def test_a_failed_job_tells_why(self, service):
        request = make_request()
        job_id = transcoding().submit(request)
        service.fail(request)
        detail = transcoding().look_up(job_id)["detail"]
        assert (detail["status"], detail["errorMessage"]) == ("ERROR", "cannot be read")
        assert detail["errorCode"]

    def test_cancelling_is_harmless_when_repeated(self, service):
        job_id = transcoding().submit(make_request())
        transcoding().cancel(job_id)
        transcoding().cancel(job_id)
        assert transcoding().look_up(job_id)["detail"]["status"] == "CANCELED"

    def test_an_ended_job_is_not_cancelled(self, service):
        request = make_request()
        job_id = transcoding().submit(request)
        service.complete(request)
        transcoding().cancel(job_id)
        assert transcoding().look_up(job_id)["detail"]["status"] == "COMPLETE"

    def test_an_unknown_job(self, service):
        job_id = f"local-{uuid4()}"
        assert transcoding().look_up(job_id) is None
        with suppress(ProviderRefused):
            transcoding().cancel(job_id)
        assert service.jobs() == 0

    def test_envelopes_are_whole_and_ours(self, service):
        request = make_request()
        job_id = transcoding().submit(request)
        first, second = transcoding().look_up(job_id), transcoding().look_up(job_id)
        assert first["detail-type"] == "MediaConvert Job State Change"
        assert first["detail"]["userMetadata"] == {"app": "livecommerce", "attempt": str(request.attempt)}
        assert first["detail"]["jobId"] == job_id
        assert event_time(first).tzinfo
        assert len(first["resources"]) == 1
        assert max(len(first["id"]), len(second["id"])) <= 80


class TestMediaConvert:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"has_audio": False},
            {"is_hdr": True},
            {"fps": 60},
            {"fps": 0.5},
            {"ladder": ladder(720, 1280, 30)},
            {"ladder": ladder(320, 180, 30)},
            {"ladder": ladder(64, 48, 30)},
            {"duration_ms": 400, "poster_count": 1, "storyboard_count": 1},
            {"duration_ms": 1_200_999, "storyboard_count": 93, "storyboard_interval_ms": 13_000},
        ],
    )
    def test_every_job_fits_the_services_model(self, changes, mediaconvert):
        assert request_problems("mediaconvert", "CreateJob", job_params(make_request(**changes))) == []

    def test_its_files_have_the_built_in_transcoders_names(self, mediaconvert):
        request = make_request()
        groups = job_params(request)["Settings"]["OutputGroups"]
        destinations = [
            next(part for key, part in group["OutputGroupSettings"].items() if key != "Type")["Destination"]
            for group in groups
        ]
        video, preview = (
            f"s3://media-bucket/{folder}" for folder in (request.video_folder, request.preview_folder)
        )
        assert destinations == [
            f"{video}/master",
            f"{preview}/hover",
            f"{preview}/poster",
            f"{preview}/story",
        ]
        command = ladder_command("ffmpeg", Path("film"), request, Path("v"), Path("p"))
        for name in ("p/hover.mp4", "p/poster.%07d.jpg", "p/story.%07d.jpg", "master.m3u8"):
            assert name in command

    def test_sound_is_an_output_of_its_own_and_only_where_there_is_sound(self, mediaconvert):
        def outputs(request):
            return job_params(request)["Settings"]["OutputGroups"][0]["Outputs"]

        assert [output["NameModifier"] for output in outputs(make_request())] == [
            "_1080p",
            "_720p",
            "_480p",
            "_360p",
            "_sound",
        ]
        assert not any("AudioDescriptions" in output for output in outputs(make_request(has_audio=False)))
        assert "AudioSelectors" not in job_params(make_request(has_audio=False))["Settings"]["Inputs"][0]

    def test_a_request_token_that_has_run_out_makes_no_second_job(self, mediaconvert):
        request = make_request()
        job_id = transcoding().submit(request)
        mediaconvert.fake.forget_tokens()
        assert transcoding().submit(request) == job_id
        assert mediaconvert.jobs() == 1

    def test_an_answer_that_was_lost_is_found_again(self, mediaconvert, fake_aws):
        request = make_request()
        fake_aws.cut("CreateJob", times=3)
        with suppress(ProviderError):
            transcoding().submit(request)
        fake_aws.mediaconvert.forget_tokens()
        assert transcoding().submit(request) == mediaconvert.job_of(request)
        assert mediaconvert.jobs() == 1

    def test_what_the_service_refuses_is_not_tried_again(self, mediaconvert, fake_aws):
        fake_aws.fail("CreateJob", "BadRequestException")
        with pytest.raises(ProviderRefused):
            transcoding().submit(make_request())

    def test_throttling_may_be_tried_again(self, mediaconvert, fake_aws):
        fake_aws.throttle(3)
        with pytest.raises(ProviderError) as failure:
            transcoding().submit(make_request())
        assert not isinstance(failure.value, ProviderRefused)

    def test_a_role_that_may_not_ask_says_nothing_about_the_job(self, mediaconvert, fake_aws):
        job_id = transcoding().submit(make_request())
        fake_aws.fail("GetJob", "ForbiddenException")
        with pytest.raises(ProviderError) as failure:
            transcoding().look_up(job_id)
        assert not isinstance(failure.value, ProviderRefused)

    def test_it_knows_nothing_of_the_built_in_transcoders_jobs(self, mediaconvert, fake_aws):
        fake_aws.fail("GetJob", "BadRequestException")
        fake_aws.fail("CancelJob", "BadRequestException")
        assert transcoding().look_up(f"local-{uuid4()}") is None
        transcoding().cancel(f"local-{uuid4()}")

    def test_it_needs_buckets(self, mediaconvert, settings):
        settings.S3_UPLOADS_BUCKET = ""
        with pytest.raises(ProviderRefused, match="S3_UPLOADS_BUCKET"):
            transcoding().submit(make_request())


def test_the_built_in_transcoder_needs_files(local, settings):
    settings.MEDIA_STORAGE = "s3"
    with pytest.raises(ProviderRefused, match="filesystem"):
        transcoding().submit(make_request())


def test_a_request_survives_its_row(local):
    request = replace(make_request(), is_hdr=True, playable_as_is=True)
    job = ffmpeg_books.open_job(request)
    job.refresh_from_db()
    assert ffmpeg_books.from_json(job.request) == request
