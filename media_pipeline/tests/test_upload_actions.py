"""An upload's life: announced, granted, received or cancelled; what is swept up when a browser goes away."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from common.errors import IllegalMove, ProviderError
from media_pipeline import attempts, upload_actions, upload_sweeps, upload_tasks
from media_pipeline.models import Asset, Upload
from media_pipeline.purposes import AnnouncementRefused
from media_pipeline.uploading import local_files, uploads
from media_pipeline.uploading.base import PartsMissing
from media_pipeline.uploading.local import LocalUploads
from tests.makers import make_asset, make_member

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024
VIDEO = {"purpose": "video", "name": "film.mp4", "content_type": "video/mp4"}
PICTURE = {"purpose": "product", "name": "a.png", "content_type": "image/png"}


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.UPLOADS_ROOT = tmp_path
    settings.UPLOAD_FORM_MAX_BYTES = 10
    settings.UPLOAD_PART_BYTES = 8
    return tmp_path


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect which assets were sent to be checked."""
    asked: list[int] = []
    monkeypatch.setattr(upload_actions.check_asset, "delay", asked.append)
    return asked


@pytest.fixture
def member():
    return make_member()


def begin(member, size=5, **changes) -> Upload:
    return upload_actions.begin_upload(member, **VIDEO | {"size": size} | changes)


def send(upload: Upload, *numbers: int) -> None:
    """Bring what a browser would send: the whole file, or only the parts of these numbers."""
    key = upload.asset.source_key
    if not upload.part_size:
        local_files.keep_file(key, [b"x" * upload.size])
    for number in numbers or range(1, upload.part_count + 1):
        offset = (number - 1) * upload.part_size
        with local_files.incoming(key) as part:
            part.write(b"x" * min(upload.part_size, upload.size - offset))
            local_files.keep_part(key, number, offset=offset, content=part)


def status_of(upload: Upload) -> str:
    return Asset.objects.get(pk=upload.pk).status


def storage_fails(*args: object, **kwargs: object) -> None:
    raise ProviderError("timed out")


class TestBegin:
    def test_a_small_picture_goes_in_one_form(self, member) -> None:
        upload = begin(member, size=10, **PICTURE)
        assert (upload.part_size, upload.provider_ref, upload.asset.status) == (0, "", "uploading")
        assert upload_actions.grant_form(upload).fields["Content-Type"] == "image/png"

    def test_a_small_video_goes_in_one_part(self, member) -> None:
        """Leave to send a form lives on after the check."""
        upload = begin(member, size=5)
        assert (upload.part_size, upload.part_count) == (8, 1)
        assert upload_actions.grant_form(upload) is None
        assert [part.size for part in upload_actions.grant_parts(upload, [1])] == [5]

    @pytest.mark.parametrize("kind", [VIDEO, PICTURE])
    def test_a_large_file_goes_in_parts(self, member, kind) -> None:
        upload = begin(member, size=17, **kind)
        assert (upload.part_size, upload.part_count) == (8, 3)
        assert upload_actions.grant_form(upload) is None
        assert [part.size for part in upload_actions.grant_parts(upload, [1, 2, 3])] == [8, 8, 1]

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("C:\\Users\\me\\film.mp4", "film.mp4"),
            ("../../etc/passwd", "passwd"),
            ("a\x00b\n.mp4", "ab.mp4"),
            ("", "이름 없는 파일"),
            ("x" * 300, "x" * 200),
        ],
    )
    def test_a_name_is_shown_and_never_part_of_a_key(self, member, name: str, shown: str) -> None:
        asset = begin(member, name=name).asset
        assert asset.name == shown
        assert asset.source_key.startswith(f"sources/{asset.code}/")
        assert begin(member).asset.source_key.rpartition("/")[2] != asset.source_key.rpartition("/")[2]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"size": 0}, "empty"),
            ({"size": 5 * 1024 * MIB + 1}, "too_large"),
            ({"size": 11 * MIB, "purpose": "product", "content_type": "image/png"}, "too_large"),
            ({"content_type": ""}, "not_a_video"),
            ({"content_type": "application/pdf"}, "not_a_video"),
            ({"content_type": "image/png"}, "not_a_video"),
            ({"purpose": "product", "content_type": "image/svg+xml"}, "not_a_picture"),
            ({"purpose": "thumbnail"}, "not_a_picture"),
        ],
    )
    def test_what_cannot_be_right_is_refused_before_a_byte_travels(self, member, changes, code: str) -> None:
        with pytest.raises(AnnouncementRefused) as refused:
            begin(member, **changes)
        assert refused.value.code == code
        assert refused.value.message.endswith("요.")
        assert not Asset.objects.exists()

    def test_parameters_and_case_of_a_type_do_not_matter(self, member) -> None:
        assert begin(member, content_type='Video/MP4; codecs="avc1"').content_type == "video/mp4"

    def test_a_member_has_at_most_twenty_open_uploads(self, member) -> None:
        opened = [begin(member) for _ in range(upload_actions.MAX_OPEN_UPLOADS)]
        with pytest.raises(upload_actions.TooManyUploads):
            begin(member)
        begin(make_member())
        upload_actions.cancel_upload(opened[0].pk)
        begin(member)

    @pytest.mark.parametrize("fault", [ProviderError, ZeroDivisionError])
    def test_a_storage_that_fails_leaves_no_open_upload(self, member, monkeypatch, fault) -> None:
        def fail(*args: object, **kwargs: object) -> None:
            raise fault

        monkeypatch.setattr(LocalUploads, "begin_parts", fail)
        with pytest.raises(fault):
            begin(member, size=17)
        assert Asset.objects.get().status == "cancelled"


class TestParts:
    @pytest.mark.parametrize("numbers", [[], [0], [4], [-1], list(range(1, 22))])
    def test_parts_that_the_file_does_not_have_are_not_granted(self, member, numbers: list[int]) -> None:
        with pytest.raises(upload_actions.NoSuchPart):
            upload_actions.grant_parts(begin(member, size=17), numbers)

    def test_nothing_is_granted_for_an_upload_that_is_over(self, member) -> None:
        upload = begin(member, size=17)
        upload_actions.cancel_upload(upload.pk)
        upload.asset.refresh_from_db()
        with pytest.raises(upload_actions.UploadOver):
            upload_actions.grant_parts(upload, [1])

    def test_whoever_comes_back_learns_what_has_arrived(self, member) -> None:
        upload = begin(member, size=17)
        send(upload, 3, 1)
        assert upload_actions.received_parts(upload) == [1, 3]


@pytest.mark.usefixtures("checks")
class TestReceive:
    @pytest.mark.parametrize(("size", "kind"), [(5, PICTURE), (5, VIDEO), (17, VIDEO)])
    def test_what_arrived_whole_is_checked_once(
        self, member, checks, size, kind, django_capture_on_commit_callbacks
    ) -> None:
        upload = begin(member, size=size, **kind)
        send(upload)
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                upload_actions.receive_upload(upload.pk)
        assert (status_of(upload), checks) == ("checking", [upload.pk])
        upload.refresh_from_db()
        assert upload.finished_at is not None

    @pytest.mark.parametrize(
        ("size", "kind", "numbers", "missing"),
        [(5, PICTURE, None, [1]), (5, VIDEO, None, [1]), (17, VIDEO, (2,), [1, 3])],
    )
    def test_what_is_missing_is_named(self, member, checks, size, kind, numbers, missing) -> None:
        upload = begin(member, size=size, **kind)
        if numbers:
            send(upload, *numbers)
        with pytest.raises(PartsMissing) as refused:
            upload_actions.receive_upload(upload.pk)
        assert refused.value.numbers == missing
        assert (status_of(upload), checks) == ("uploading", [])

    def test_another_size_than_announced_is_not_received(self, member, checks) -> None:
        upload = begin(member, **PICTURE)
        local_files.keep_file(upload.asset.source_key, [b"x" * 6])
        with pytest.raises(PartsMissing):
            upload_actions.receive_upload(upload.pk)
        assert checks == []

    def test_a_storage_that_does_not_say_changes_nothing(self, member, checks, monkeypatch) -> None:
        upload = begin(member, **PICTURE)
        monkeypatch.setattr(LocalUploads, "stored_bytes", storage_fails)
        with pytest.raises(ProviderError):
            upload_actions.receive_upload(upload.pk)
        assert (status_of(upload), checks) == ("uploading", [])

    def test_what_was_cancelled_while_it_was_put_together_is_deleted(self, member, monkeypatch, root) -> None:
        upload = begin(member, size=17)
        send(upload, 1, 2, 3)
        complete = LocalUploads.complete_parts

        def cancel_first(self, *args, **kwargs):
            complete(self, *args, **kwargs)
            Asset.objects.filter(pk=upload.pk).update(status="cancelled")

        monkeypatch.setattr(LocalUploads, "complete_parts", cancel_first)
        upload_actions.receive_upload(upload.pk)
        assert not [path for path in root.rglob("*") if path.is_file()]


class TestCancel:
    @pytest.mark.parametrize("numbers", [(1,), (1, 2, 3)])
    def test_it_deletes_what_arrived(self, member, root, numbers, django_capture_on_commit_callbacks) -> None:
        upload = begin(member, size=17)
        send(upload, *numbers)
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                upload_actions.cancel_upload(upload.pk)
        assert status_of(upload) == "cancelled"
        assert not [path for path in root.rglob("*") if path.is_file()]

    def test_a_storage_that_fails_does_not_keep_anybody_from_cancelling(
        self, member, monkeypatch, django_capture_on_commit_callbacks
    ) -> None:
        upload = begin(member)
        monkeypatch.setattr(LocalUploads, "delete", storage_fails)
        with django_capture_on_commit_callbacks(execute=True):
            upload_actions.cancel_upload(upload.pk)
        assert status_of(upload) == "cancelled"

    @pytest.mark.parametrize("status", ["checking", "transcoding", "ready"])
    def test_what_was_received_is_not_cancelled_under_those_who_watch_it(self, member, status) -> None:
        asset = make_asset(member)
        Asset.objects.filter(pk=asset.pk).update(status=status)  # in "transcoding" a video may play already
        with pytest.raises(IllegalMove):
            upload_actions.cancel_upload(asset.pk)
        left = Asset.objects.get(pk=asset.pk)
        assert (left.status, left.playback_url, left.version) == (status, asset.playback_url, 0)

    @pytest.mark.parametrize("status", ["refused", "failed"])
    def test_what_came_to_nothing_is_given_up_and_plays_nothing(self, member, status) -> None:
        asset = make_asset(member)
        Asset.objects.filter(pk=asset.pk).update(status=status)
        upload_actions.cancel_upload(asset.pk)
        asset.refresh_from_db()
        played = (asset.storage_bucket, asset.storage_key, asset.playback_url)
        assert (asset.status, played) == ("cancelled", ("", "", ""))


class TestSweeps:
    def silent(self, upload: Upload, **ago: float) -> Upload:
        Upload.objects.filter(pk=upload.pk).update(active_at=timezone.now() - timedelta(**ago))
        return upload

    def test_only_silent_open_uploads_are_asked_about(self, member) -> None:
        begin(member)
        self.silent(begin(member), hours=2)
        received = self.silent(begin(member), minutes=3)
        send(received)
        upload_actions.receive_upload(received.pk)
        older, newer = self.silent(begin(member), minutes=9), self.silent(begin(member), minutes=3)
        assert upload_sweeps.silent_upload_ids() == [newer.pk, older.pk]
        assert upload_sweeps.silent_upload_ids(limit=1) == [newer.pk]

    def test_what_arrived_is_completed_and_what_did_not_is_left_alone(self, member, monkeypatch) -> None:
        arrived, cut_off = begin(member, size=17), begin(member, size=17)
        send(arrived, 1, 2, 3)
        send(cut_off, 1, 2)
        for upload in (arrived, cut_off):
            self.silent(upload, minutes=3)
        monkeypatch.setattr(upload_tasks.complete_if_arrived, "delay", upload_tasks.complete_if_arrived)
        upload_tasks.complete_arrived_uploads()
        assert (status_of(arrived), status_of(cut_off)) == ("checking", "uploading")

    def test_the_abandoned_are_cleaned_up_but_what_is_whole_is_taken(
        self, member, monkeypatch, root, django_capture_on_commit_callbacks
    ) -> None:
        arrived, cut_off, fresh = (begin(member, size=17) for _ in range(3))
        send(arrived, 1, 2, 3)
        send(cut_off, 1)
        self.silent(arrived, hours=25)
        self.silent(cut_off, hours=25)
        self.silent(fresh, hours=23)
        monkeypatch.setattr(upload_tasks.clean_abandoned, "delay", upload_tasks.clean_abandoned)
        with django_capture_on_commit_callbacks(execute=True):
            upload_tasks.clean_abandoned_uploads()
        assert [status_of(upload) for upload in (arrived, cut_off, fresh)] == [
            "checking",
            "cancelled",
            "uploading",
        ]
        assert not list(root.glob(f"sources/{cut_off.asset.code}/**/*"))

    def test_an_upload_that_the_storage_does_not_know_is_cleaned_up_too(self, member) -> None:
        forgotten, never_begun = begin(member, size=17), begin(member, size=17)
        uploads().abort_parts(forgotten.asset.source_key, forgotten.provider_ref)
        Upload.objects.filter(pk=never_begun.pk).update(provider_ref="")
        for upload in (forgotten, never_begun):
            upload_sweeps.clean_abandoned(upload.pk)
            assert status_of(upload) == "cancelled"

    def test_files_of_what_came_to_nothing_go_after_a_week(self, member, monkeypatch) -> None:
        long_ago = timezone.now() - timedelta(days=8)
        assets = {}
        for status in ("refused", "failed", "cancelled", "ready", "checking"):
            upload = begin(member, **PICTURE)
            send(upload)
            assets[status] = upload
            Asset.objects.filter(pk=upload.pk).update(status=status, changed_at=long_ago)
        fresh = begin(member)
        Asset.objects.filter(pk=fresh.pk).update(status="refused")
        delete = upload_tasks.delete_useless_source
        monkeypatch.setattr(delete, "delay", delete)
        for _ in range(2):
            upload_tasks.clean_abandoned_uploads()
        kept = {status for status, u in assets.items() if uploads().stored_bytes(u.asset.source_key)}
        assert kept == {"ready", "checking"}
        without = Asset.objects.filter(source_key="").values_list("status", flat=True)
        assert set(without) == {"refused", "failed", "cancelled"}
        assert Asset.objects.get(pk=fresh.pk).source_key
        assert upload_sweeps.useless_source_ids() == []

    def test_who_has_it_tried_again_meanwhile_keeps_the_file(self, member) -> None:
        upload = begin(member)
        send(upload)
        Asset.objects.filter(pk=upload.pk).update(
            status="checking", changed_at=timezone.now() - timedelta(days=8)
        )
        upload_sweeps.delete_useless_source(upload.pk)
        assert Asset.objects.get(pk=upload.pk).source_key
        assert uploads().received_parts(upload.asset.source_key, upload.provider_ref) == {1: 5}

    def test_who_wants_it_tried_again_while_it_is_deleted_is_told(self, member, monkeypatch) -> None:
        upload = begin(member)
        Asset.objects.filter(pk=upload.pk).update(
            status="failed", changed_at=timezone.now() - timedelta(days=8)
        )
        told: list[str] = []

        def try_again_first(self: LocalUploads, key: str) -> None:
            with pytest.raises(attempts.SourceGone) as refused:
                attempts.try_again(upload.pk)
            told.append(refused.value.code)

        monkeypatch.setattr(LocalUploads, "delete", try_again_first)
        upload_sweeps.delete_useless_source(upload.pk)
        assert (told, status_of(upload)) == (["source_gone"], "failed")

    def test_a_file_that_could_not_be_deleted_is_tried_again(self, member, monkeypatch) -> None:
        upload = begin(member)
        Asset.objects.filter(pk=upload.pk).update(
            status="refused", changed_at=timezone.now() - timedelta(days=8)
        )
        monkeypatch.setattr(LocalUploads, "delete", storage_fails)
        with pytest.raises(ProviderError):
            upload_sweeps.delete_useless_source(upload.pk)
        assert upload_sweeps.useless_source_ids() == [upload.pk]
