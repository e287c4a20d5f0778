import io
import threading
from datetime import timedelta

import pytest
from celery.exceptions import Retry
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image

from common.errors import ProviderError, ProviderRefused
from media_pipeline import checking, transcode_tasks
from media_pipeline.models import Asset, TranscodeAttempt
from media_pipeline.moves import move_asset
from media_pipeline.tests.processing import received
from media_pipeline.uploading.local import LocalUploads
from tests import films
from tests.makers import make_asset, make_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folders")]


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (3200, 800), "teal").save(path)
    return path


def test_a_film_is_probed_and_goes_on_to_its_first_attempt(film, queue):
    asset = received(make_member(), film)
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    attempt = TranscodeAttempt.objects.get()
    assert (asset.status, asset.attempt, asset.version) == ("transcoding", attempt, 1)
    assert (asset.width, asset.height, asset.source["codec"]) == (640, 360, "h264")
    assert asset.duration_ms == pytest.approx(4000, abs=50)
    assert [args for _, args in queue.waiting] == [(str(attempt.pk),)]
    assert queue.names == ["submit_attempt"]


def test_checking_twice_makes_one_attempt(film, queue):
    asset = received(make_member(), film)
    transcode_tasks.check_asset(asset.pk)
    transcode_tasks.check_asset(asset.pk)
    assert TranscodeAttempt.objects.count() == 1
    assert queue.names == ["submit_attempt"]


def test_a_check_that_finds_it_done_meanwhile_changes_nothing(film, queue, monkeypatch):
    asset = received(make_member(), film)
    probe = checking.probe_video

    def cancelled_meanwhile(address):
        move_asset(asset.pk, Asset.Status.CANCELLED)
        return probe(address)

    monkeypatch.setattr(checking, "probe_video", cancelled_meanwhile)
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    assert asset.status == "cancelled"
    assert not TranscodeAttempt.objects.exists()


@pytest.mark.parametrize(
    ("film", "problem"),
    [(films.empty, "empty"), (films.not_a_video, "not_a_video"), (films.sound_only, "sound_only")],
)
def test_a_bad_film_is_refused_with_its_reason(film, problem, queue, tmp_path):
    asset = received(make_member(), film(tmp_path / "bad.mp4"))
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.problem, asset.version) == ("refused", problem, 1)
    assert queue.names == []


def test_a_photo_becomes_a_public_webp(photo):
    asset = received(make_member(), photo, purpose="thumbnail")
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.width, asset.height) == ("ready", 1600, 400)
    assert asset.storage_key.startswith(f"images/{asset.code}-")
    assert asset.poster_url == asset.playback_url == f"/media/{asset.storage_key}"
    with default_storage.open(asset.storage_key) as stored:
        assert Image.open(io.BytesIO(stored.read())).format == "WEBP"


def test_a_photo_checked_twice_at_once_leaves_one_file(photo, folders, monkeypatch):
    asset = received(make_member(), photo, purpose="product")
    reencode = checking.reencode

    def somebody_is_faster(file, **options):
        monkeypatch.setattr(checking, "reencode", reencode)
        checking.check_asset(asset.pk)
        return reencode(file, **options)

    monkeypatch.setattr(checking, "reencode", somebody_is_faster)
    checking.check_asset(asset.pk)
    asset.refresh_from_db()
    assert [path.name for path in (folders / "images").iterdir()] == [
        asset.storage_key.removeprefix("images/")
    ]


def test_what_is_no_photo_is_refused(film):
    asset = received(make_member(), film, purpose="avatar")
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.problem) == ("refused", "not_a_picture")


def test_a_photo_beyond_the_limit_is_refused_unread(photo, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    asset = received(make_member(), photo, purpose="thumbnail")
    transcode_tasks.check_asset(asset.pk)
    asset.refresh_from_db()
    assert (asset.status, asset.problem) == ("refused", "too_large")


def test_storage_that_is_away_is_asked_again(monkeypatch):
    def away(self, key):
        raise ProviderError("away")

    asset = make_asset(make_member(), status="checking")
    monkeypatch.setattr(LocalUploads, "source_address", away)
    with pytest.raises(Retry):
        transcode_tasks.check_asset.apply(args=[asset.pk], throw=True)
    asset.refresh_from_db()
    assert (asset.status, asset.check_tries) == ("checking", 1)


@pytest.mark.parametrize(
    ("error", "tries"), [(ProviderError("away"), transcode_tasks.TRIES), (ProviderRefused("no"), 0)]
)
def test_storage_that_stays_away_or_says_no_ends_it(error, tries, monkeypatch):
    def away(self, key):
        raise error

    asset = make_asset(make_member(), status="checking")
    monkeypatch.setattr(LocalUploads, "source_address", away)
    transcode_tasks.check_asset.apply(args=[asset.pk], retries=tries, throw=True)
    asset.refresh_from_db()
    assert (asset.status, asset.problem) == ("failed", "storage_failed")


def test_a_file_that_cannot_be_looked_at_fails_as_such():
    asset = make_asset(make_member(), status="checking")
    transcode_tasks.check_asset.apply(args=[asset.pk], retries=transcode_tasks.TRIES, throw=True)
    asset.refresh_from_db()
    assert (asset.status, asset.problem) == ("failed", "check_failed")


def test_the_sweep_checks_what_is_silent_once_a_minute_and_ends_what_is_stuck(queue):
    member = make_member()
    fresh, silent, stuck, untried = (make_asset(member, status="checking") for _ in range(4))
    now = timezone.now()
    Asset.objects.filter(pk=silent.pk).update(changed_at=now - timedelta(seconds=61))
    Asset.objects.filter(pk__in=[stuck.pk, untried.pk]).update(changed_at=now - timedelta(minutes=21))
    Asset.objects.filter(pk=stuck.pk).update(check_tries=checking.GIVEN_UP_TRIES)
    transcode_tasks.check_waiting_assets()
    transcode_tasks.check_waiting_assets()
    assert [args for _, args in queue.waiting] == [(untried.pk,), (silent.pk,)]
    for asset, status in (
        (fresh, "checking"),
        (silent, "checking"),
        (stuck, "failed"),
        (untried, "checking"),
    ):
        asset.refresh_from_db()
        assert asset.status == status


@pytest.mark.postgres
def test_of_many_checks_at_once_one_makes_the_attempt(film, queue):
    asset = received(make_member(), film)
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        transcode_tasks.check_asset(asset.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asset.refresh_from_db()
    assert (asset.status, asset.version) == ("transcoding", 1)
    assert [str(attempt.pk) for attempt in asset.attempts.all()] == [str(asset.attempt_id)]
    assert queue.names == ["submit_attempt"]
