"""The addresses that the uploader's script asks, as docs and scripts rely on them."""

import asyncio
import errno
import io
import os

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.urls import reverse
from PIL import Image

from media_pipeline import upload_actions, views
from media_pipeline.checking import check_asset
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset, TranscodeAttempt, Upload
from media_pipeline.tests.test_upload_actions import send, storage_fails
from media_pipeline.uploading import local_files
from media_pipeline.uploading.local import LocalUploads
from media_pipeline.uploading.receiver import with_receiver
from tests.makers import make_asset, make_member

pytestmark = pytest.mark.django_db
VIDEO = {"purpose": "video", "name": "film.mp4", "size": "17", "content_type": "video/mp4"}
PICTURE = {"purpose": "product", "name": "a.png", "size": "10", "content_type": "image/png"}
OF_AN_ASSET = ["state", "parts", "complete", "cancel", "retry", "poster", "card"]
GETS = {"state", "card"}


@pytest.fixture(autouse=True)
def small_parts(settings, tmp_path, monkeypatch) -> None:
    settings.UPLOADS_ROOT = tmp_path
    settings.UPLOAD_FORM_MAX_BYTES, settings.UPLOAD_PART_BYTES = 10, 8


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


@pytest.fixture
def upload(member) -> Upload:
    return upload_actions.begin_upload(member, **VIDEO | {"size": 17})


def call(client, name, code=None, /, **data):
    url = reverse(f"media:{name}", args=[code] if code else [])
    return client.get(url) if name in GETS else client.post(url, data)


@pytest.mark.parametrize("name", ["begin", *OF_AN_ASSET])
def test_who_is_not_signed_in_is_told_so_in_json(client, name) -> None:
    response = call(client, name, None if name == "begin" else make_asset(make_member()).code)
    assert response.status_code == 401
    assert response.json()["error"].startswith("로그인이 풀렸어요.")


@pytest.mark.parametrize("name", OF_AN_ASSET)
def test_other_peoples_files_do_not_exist(client, member, name) -> None:
    foreign = upload_actions.begin_upload(make_member(is_staff=True), **VIDEO | {"size": 17})
    response = call(client, name, foreign.asset.code, number="0", numbers="1")
    assert response.status_code == 404
    foreign.asset.refresh_from_db()
    assert (foreign.asset.status, foreign.asset.version) == ("uploading", 0)


class TestBegin:
    def test_a_large_file_is_answered_with_its_part_size(self, client, member) -> None:
        response = call(client, "begin", **VIDEO)
        asset = Asset.objects.get()
        assert response.status_code == 201
        assert response.json() == {
            "asset": {
                "code": asset.code,
                "purpose": "video",
                "status": "uploading",
                "status_text": "올리는 중",
                "percent": 0,
                "problem": "",
                "version": 0,
                "name": "film.mp4",
                "playback_url": "",
                "poster_url": "",
                "duration_ms": 0,
            },
            "part_size": 8,
            "form": None,
        }

    def test_a_small_picture_with_leave_to_send_it(self, client, member) -> None:
        form = call(client, "begin", **PICTURE).json()["form"]
        assert form["url"].startswith("/uploads/receive/form?grant=")
        assert form["fields"] == {"Content-Type": "image/png"}

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"size": str(6 * 1024**3)}, "too_large"),
            ({"content_type": "text/plain"}, "not_a_video"),
            ({"size": "many"}, "bad_announcement"),
            ({"purpose": "malware"}, "bad_announcement"),
            ({"name": ""}, "bad_announcement"),
        ],
    )
    def test_a_refusal_says_why(self, client, member, changes, code) -> None:
        response = call(client, "begin", **VIDEO | changes)
        assert (response.status_code, response.json()["code"]) == (422, code)
        assert response.json()["error"].endswith("요.")

    def test_twenty_open_uploads_are_enough(self, client, member, monkeypatch) -> None:
        monkeypatch.setattr(upload_actions, "MAX_OPEN_UPLOADS", 1)
        assert call(client, "begin", **VIDEO).status_code == 201
        response = call(client, "begin", **VIDEO)
        assert (response.status_code, response.json()["code"]) == (429, "too_many_uploads")

    @pytest.mark.parametrize(("method", "kind"), [("begin_parts", VIDEO), ("grant_form", PICTURE)])
    def test_what_the_storage_does_not_begin_is_not_open(
        self, client, member, method, kind, monkeypatch
    ) -> None:
        monkeypatch.setattr(LocalUploads, method, storage_fails)
        response = call(client, "begin", **kind)
        assert (response.status_code, response.json()["code"]) == (503, "storage_failed")
        assert Asset.objects.get().status == "cancelled"

    def test_a_full_disk_is_said_in_words(self, client, member, monkeypatch) -> None:
        def full(key: str) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(local_files, "begin_parts", full)
        response = call(client, "begin", **VIDEO)
        assert (response.status_code, response.json()["code"]) == (503, "storage_failed")
        assert Asset.objects.get().status == "cancelled"

    def test_who_begins_too_often_has_to_wait(self, client, member, monkeypatch) -> None:
        monkeypatch.setattr("common.limits.time", lambda: 1_800_000_000.0)
        monkeypatch.setattr(views, "BEGINS_IN_TEN_MINUTES", 1)
        assert call(client, "begin", **VIDEO).status_code == 201
        response = call(client, "begin", **VIDEO)
        assert (response.status_code, response.json()["code"]) == (429, "too_often")
        client.force_login(make_member())
        assert call(client, "begin", **VIDEO).status_code == 201


class TestParts:
    def test_what_has_arrived_and_leave_for_the_rest(self, client, upload) -> None:
        send(upload, 1)
        state = call(client, "state", upload.asset.code).json()
        assert {key: state[key] for key in ("received", "part_size", "size", "parts")} == {
            "received": [1],
            "part_size": 8,
            "size": 17,
            "parts": 3,
        }
        parts = call(client, "parts", upload.asset.code, numbers="2,3").json()["parts"]
        assert [(part["number"], part["size"]) for part in parts] == [(2, 8), (3, 1)]
        assert all(part["url"].startswith("/uploads/receive/part?grant=") for part in parts)

    @pytest.mark.parametrize("numbers", ["", "a", "1,", "4", "-1", ",".join(["1"] * 21), "1" * 5000])
    def test_numbers_that_make_no_sense_are_refused(self, client, upload, numbers) -> None:
        response = call(client, "parts", upload.asset.code, numbers=numbers)
        assert (response.status_code, response.json()["code"]) == (422, "no_such_part")

    def test_nothing_is_granted_when_it_is_over(self, client, upload) -> None:
        call(client, "cancel", upload.asset.code)
        response = call(client, "parts", upload.asset.code, numbers="1")
        assert (response.status_code, response.json()["code"]) == (409, "upload_over")

    @pytest.mark.parametrize("method", ["received_parts", "complete_parts"])
    def test_a_storage_that_does_not_answer_is_said_in_words(
        self, client, upload, method, monkeypatch
    ) -> None:
        monkeypatch.setattr(LocalUploads, method, storage_fails)
        response = call(client, "state" if method == "received_parts" else "complete", upload.asset.code)
        assert (response.status_code, response.json()["code"]) == (503, "storage_failed")


class TestEnds:
    def test_completing_names_what_is_missing_and_then_has_it_checked(self, client, upload) -> None:
        send(upload, 2)
        response = call(client, "complete", upload.asset.code)
        assert (response.status_code, response.json()) == (409, {"missing": [1, 3]})
        send(upload, 1, 3)
        for _ in range(2):
            asset = call(client, "complete", upload.asset.code).json()["asset"]
            assert (asset["status"], asset["version"]) == ("checking", 1)

    def test_cancelling_once_is_as_good_as_twice(self, client, upload) -> None:
        for _ in range(2):
            assert call(client, "cancel", upload.asset.code).json()["asset"]["status"] == "cancelled"
        assert call(client, "complete", upload.asset.code).json()["asset"]["status"] == "cancelled"

    def test_what_is_ready_cannot_be_cancelled_or_tried_again(self, client, member) -> None:
        code = make_asset(member).code
        for name in ("cancel", "retry"):
            response = call(client, name, code)
            assert (response.status_code, response.json()["code"]) == (409, "illegal_move")
            assert response.json()["error"].endswith("요.")

    @pytest.mark.parametrize("status", ["checking", "transcoding"])
    def test_what_is_being_processed_cannot_be_cancelled(self, client, member, status) -> None:
        response = call(client, "cancel", make_asset(member, status=status).code)
        assert (response.status_code, response.json()["code"]) == (409, "illegal_move")
        assert response.json()["error"] == "다 올라온 파일은 취소할 수 없어요."

    def test_what_failed_is_tried_again(self, client, member) -> None:
        asset = make_asset(member, status="failed", problem="check_failed")
        shown = call(client, "retry", asset.code).json()["asset"]
        assert (shown["status"], shown["problem"]) == ("checking", "")

    def test_a_poster_is_chosen_from_the_candidates(self, client, member) -> None:
        asset = make_asset(member, poster_count=3)
        shown = call(client, "poster", asset.code, number="2").json()["asset"]
        assert shown["poster_url"].endswith("poster.0000002.jpg")
        assert call(client, "poster", asset.code, number="3").status_code == 409
        for number in ("x", "1" * 5000):
            assert call(client, "poster", asset.code, number=number).status_code == 422


class TestCard:
    def test_it_shows_how_far_the_transcoding_is(self, client, member) -> None:
        asset = make_asset(member, status="transcoding")
        asset.attempt = TranscodeAttempt.objects.create(asset=asset, percent=42)
        asset.save()
        assert 'aria-valuenow="42"' in call(client, "card", asset.code).content.decode()
        assert views.asset_json(asset)["percent"] == 42

    def test_it_says_what_is_wrong_and_offers_another_try_only_where_there_is_one(
        self, client, member
    ) -> None:
        failed = make_asset(member, status="failed", problem="transcode_failed")
        refused = make_asset(member, status="refused", problem="sound_only")
        gone = make_asset(member, status="failed", problem="transcode_failed", source_key="")
        pages = [call(client, "card", asset.code).content.decode() for asset in (failed, refused, gone)]
        assert ["data-asset-retry" in page for page in pages] == [True, False, False]
        assert "소리만 있고 화면이 없어요." in pages[1]

    def test_it_offers_the_posters_of_a_ready_video(self, client, member) -> None:
        asset = make_asset(member, poster_count=3, poster_number=1)
        page = call(client, "card", asset.code).content.decode()
        assert page.count("data-asset-poster") == 3
        assert f"{asset.preview_key}poster.0000002.jpg" in page

    def test_it_is_never_kept_by_anybody(self, client, member) -> None:
        assert "no-store" in call(client, "card", make_asset(member).code).headers["Cache-Control"]


def test_the_whole_way_of_a_picture(client, member, settings, tmp_path) -> None:
    """From the announcement through the receiver and the check to a form that takes it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_FORM_MAX_BYTES = 10_000
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, "PNG")
    begun = call(client, "begin", **PICTURE | {"size": str(len(file.getvalue()))}).json()
    sent = post_in_process(begun["form"], file.getvalue())
    assert sent.status_code == 204
    code = begun["asset"]["code"]
    assert call(client, "complete", code).json()["asset"]["status"] == "checking"
    check_asset(Asset.objects.get(code=code).pk)
    shown = call(client, "state", code).json()["asset"]
    assert (shown["status"], shown["percent"], shown["problem"]) == ("ready", 100, "")
    field = AssetField(purpose="product")
    field.owner = member
    picture = field.clean(code)
    assert (picture.width, picture.height) == (60, 40)


def post_in_process(form: dict, content: bytes) -> httpx.Response:
    """Send a form to the receiver in this process, as a browser would."""

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(with_receiver(get_asgi_application()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as browser:
            return await browser.post(form["url"], data=form["fields"], files={"file": content})

    return asyncio.run(post())
