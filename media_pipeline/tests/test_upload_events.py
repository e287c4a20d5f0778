"""What the bucket tells of new objects: an open upload is received, other objects mean nothing."""

import json
from pathlib import Path

import pytest

from common.errors import ProviderError
from media_pipeline import applying, upload_actions, upload_tasks
from media_pipeline.tests.test_upload_actions import begin
from tests.makers import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member()


@pytest.fixture(autouse=True)
def storage(settings, tmp_path: Path) -> None:
    settings.UPLOADS_ROOT, settings.S3_UPLOADS_BUCKET = tmp_path, "example-uploads"


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(upload_tasks.receive_upload, "delay", ids.append)
    return ids


@pytest.fixture
def tell(django_capture_on_commit_callbacks):
    def tell(key: str, bucket: str = "example-uploads") -> None:
        sample = Path(__file__).parent / "events" / "s3-object-created.json"
        envelope = json.loads(sample.read_text())
        envelope["detail"]["bucket"]["name"], envelope["detail"]["object"]["key"] = bucket, key
        with django_capture_on_commit_callbacks(execute=True):
            applying.handlers["Object Created"](envelope)

    return tell


def test_an_open_uploads_file_is_received_outside_the_transaction(member, asked, tell) -> None:
    upload = begin(member)
    tell(upload.asset.source_key)
    assert asked == [upload.pk]


def test_other_objects_mean_nothing(member, asked, tell) -> None:
    upload = begin(member)
    for key in ("trailers/7/source.mp4", "sources", f"sources/{upload.asset.code}/other", "sources/x/y"):
        tell(key)
    upload_actions.cancel_upload(upload.pk)
    tell(upload.asset.source_key)
    assert asked == []


def test_another_bucket_is_refused(member, asked, tell) -> None:
    with pytest.raises(ProviderError):
        tell(begin(member).asset.source_key, bucket="somebody-elses")
    assert asked == []
