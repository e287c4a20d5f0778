"""Completing, cancelling and sweeping the same upload at once, with real threads and row locks: one effect."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from media_pipeline import attempts, moves, upload_actions, upload_sweeps
from media_pipeline.models import Asset, Upload
from media_pipeline.uploading import local_files
from tests.concurrency import at_once
from tests.makers import make_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

RACERS = 12
PATIENCE_SECONDS = 30
VIDEO = {"purpose": "video", "name": "film.mp4", "content_type": "video/mp4"}


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.UPLOADS_ROOT = tmp_path
    settings.UPLOAD_FORM_MAX_BYTES, settings.UPLOAD_PART_BYTES = 10, 8
    return tmp_path


@pytest.fixture(autouse=True)
def checks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect which assets were sent to be checked."""
    asked: list[int] = []
    monkeypatch.setattr(upload_actions.check_asset, "delay", asked.append)
    return asked


def arrived_upload() -> Upload:
    """Return an upload in three parts that are all there."""
    upload = upload_actions.begin_upload(make_member(), **VIDEO, size=17)
    for number, size in ((1, 8), (2, 8), (3, 1)):
        with local_files.incoming(upload.asset.source_key) as part:
            part.write(b"x" * size)
            local_files.keep_part(upload.asset.source_key, number, offset=(number - 1) * 8, content=part)
    return upload


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_completing_many_times_at_once_is_checked_once(checks, root):
    upload = arrived_upload()
    assert at_once(*[partial(upload_actions.receive_upload, upload.pk)] * RACERS) == [None] * RACERS
    asset = Asset.objects.get(pk=upload.pk)
    assert (asset.status, asset.version, checks) == ("checking", 1, [upload.pk])
    assert files(root) == [root / asset.source_key]


def test_the_same_race_checks_twice_without_the_lock(checks, monkeypatch):
    """Shows that the test above can see a double."""
    upload = arrived_upload()
    both_have_read = threading.Barrier(2)

    def read_only(asset_id: int) -> Asset:
        asset = Asset.objects.get(pk=asset_id)
        both_have_read.wait(PATIENCE_SECONDS)
        return asset

    monkeypatch.setattr(upload_actions, "lock_asset", read_only)
    monkeypatch.setattr(moves, "lock_asset", read_only)
    at_once(*[partial(upload_actions.receive_upload, upload.pk)] * 2)
    assert checks == [upload.pk] * 2


@pytest.mark.parametrize("attempt", range(5))
def test_the_browser_and_the_sweep_complete_it_once(checks, attempt):
    upload = arrived_upload()
    jobs = [upload_actions.receive_upload, upload_sweeps.complete_if_arrived] * 4
    assert set(at_once(*(partial(job, upload.pk) for job in jobs))) <= {None, True}
    assert checks == [upload.pk]


@pytest.mark.parametrize("attempt", range(5))
def test_completing_and_cancelling_end_in_one_truth(checks, root, attempt):
    upload = arrived_upload()
    jobs = [upload_actions.receive_upload, upload_actions.cancel_upload, upload_sweeps.clean_abandoned] * 3
    at_once(*(partial(job, upload.pk) for job in jobs))
    asset = Asset.objects.get(pk=upload.pk)
    if asset.status == "checking":  # completed first: it is not cancelled any more
        assert (checks, files(root)) == ([upload.pk], [root / asset.source_key])
    else:
        assert (asset.status, checks, files(root)) == ("cancelled", [], [])


@pytest.mark.parametrize("attempt", range(5))
def test_a_file_is_deleted_or_tried_again(checks, root, attempt):
    upload = arrived_upload()
    upload_actions.receive_upload(upload.pk)
    checks.clear()
    Asset.objects.filter(pk=upload.pk).update(status="failed", changed_at=timezone.now() - timedelta(days=8))
    jobs = [attempts.try_again, upload_sweeps.delete_useless_source] * 3
    at_once(*(partial(job, upload.pk) for job in jobs))
    asset = Asset.objects.get(pk=upload.pk)
    if asset.status == "checking":
        assert (checks, files(root)) == ([upload.pk], [root / asset.source_key])
    else:
        assert (asset.status, asset.source_key, checks, files(root)) == ("failed", "", [], [])


def test_nobody_opens_more_uploads_than_one_may(monkeypatch):
    monkeypatch.setattr(upload_actions, "MAX_OPEN_UPLOADS", 3)
    member = make_member()
    begins = [partial(upload_actions.begin_upload, member, **VIDEO, size=5)] * RACERS
    told = Counter(type(result).__name__ for result in at_once(*begins))
    assert told == {"Upload": 3, "TooManyUploads": RACERS - 3}
    assert Asset.objects.count() == 3
