"""What every storage of uploads must do, seen from the browser's side; each adapter's class runs all of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import httpx
import pytest

from common.aws import aws_client
from common.codes import new_code
from common.errors import ProviderError, ProviderRefused
from media_pipeline.uploading.base import DirectUploads, FormGrant, PartsMissing
from media_pipeline.uploading.local import LocalUploads
from media_pipeline.uploading.receiver import with_receiver
from media_pipeline.uploading.s3 import S3Uploads
from tests.aws.storage import SECRETS, serving_storage

KEY = "sources/abc/0123456789"
OTHER_KEY = "sources/abd/0123456789"
TYPE = "video/mp4"
PART = 5 * 1024 * 1024
"""The smallest that S3 takes for any part but the last."""
FILE = bytes(range(256)) * (2 * PART // 256) + b"the last part"
PARTS = {1: FILE[:PART], 2: FILE[PART : 2 * PART], 3: FILE[2 * PART :]}
SIZES = {"size": len(FILE), "part_size": PART}


class UploadsContract:
    """Subclasses give `uploads`, an adapter with an empty storage behind it, and `send` and `read`."""

    def send(self, method: str, url: str, **body: object) -> int:
        """Send what a browser would, and return the status."""
        raise NotImplementedError

    def read(self, address: str) -> bytes:
        """Read from a `source_address`."""
        raise NotImplementedError

    def post(self, grant: FormGrant, content: bytes, /, **changes: str) -> int:
        return self.send(
            "POST", grant.url, data=grant.fields | changes, files={"file": ("my film.mp4", content)}
        )

    def put(self, uploads: DirectUploads, ref: str, number: int, content: bytes, key: str = KEY) -> int:
        """Ask for leave to send a part of its proper size, then send `content`."""
        grant = uploads.grant_part(key, ref, number=number, size=len(PARTS[number]))
        return self.send("PUT", grant.url, content=content)

    def begin(self, uploads: DirectUploads, numbers: tuple[int, ...] = (1, 2, 3), key: str = KEY) -> str:
        """Begin an upload in parts and send some of them."""
        ref = uploads.begin_parts(key, content_type=TYPE, part_size=PART)
        for number in numbers:
            assert self.put(uploads, ref, number, PARTS[number], key) in (200, 204)
        return ref

    def test_a_form_brings_exactly_the_granted_file(self, uploads: DirectUploads) -> None:
        assert uploads.stored_bytes(KEY) is None
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        assert self.post(grant, b"hello") == 204
        assert uploads.stored_bytes(KEY) == 5
        assert self.read(uploads.source_address(KEY)) == b"hello"
        assert self.post(grant, b"hello") == 204

    @pytest.mark.parametrize("content", [b"", b"hell", b"hello!", b"x" * 100_000])
    def test_a_form_with_a_file_of_another_size_is_refused(
        self, uploads: DirectUploads, content: bytes
    ) -> None:
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        assert self.post(grant, content) in (400, 413)
        assert uploads.stored_bytes(KEY) is None

    def test_a_form_with_another_type_is_refused(self, uploads: DirectUploads) -> None:
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        assert self.post(grant, b"hello", **{"Content-Type": "text/html"}) == 403
        assert uploads.stored_bytes(KEY) is None

    def test_a_form_without_its_file_is_refused(self, uploads: DirectUploads) -> None:
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        assert self.send("POST", grant.url, data=grant.fields, files={"picture": b"hello"}) in (400, 403)
        assert uploads.stored_bytes(KEY) is None

    def test_a_form_whose_leave_was_altered_is_refused(self, uploads: DirectUploads) -> None:
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        for name in grant.fields:
            assert self.post(grant, b"hello", **{name: grant.fields[name][:-1] + "~"}) in (400, 403), name
        assert uploads.stored_bytes(KEY) is None

    def test_a_leave_that_has_run_out_is_refused(self, uploads: DirectUploads, settings) -> None:
        settings.UPLOAD_GRANT_SECONDS = -1
        assert self.post(uploads.grant_form(KEY, size=5, content_type=TYPE), b"hello") == 403
        ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=PART)
        assert self.put(uploads, ref, 3, PARTS[3]) == 403
        assert uploads.stored_bytes(KEY) is None
        assert uploads.received_parts(KEY, ref) == {}

    def test_parts_in_any_order_become_one_file(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads, (3, 1, 2))
        assert uploads.received_parts(KEY, ref) == {number: len(part) for number, part in PARTS.items()}
        assert uploads.stored_bytes(KEY) is None
        uploads.complete_parts(KEY, ref, **SIZES)
        assert uploads.stored_bytes(KEY) == len(FILE)
        assert self.read(uploads.source_address(KEY)) == FILE

    def test_completing_twice_is_a_quiet_no_op(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads)
        for _ in range(2):
            uploads.complete_parts(KEY, ref, **SIZES)
        assert uploads.received_parts(KEY, ref) == {}
        assert self.read(uploads.source_address(KEY)) == FILE

    def test_missing_parts_are_named_and_can_still_come(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads, (2,))
        with pytest.raises(PartsMissing) as missing:
            uploads.complete_parts(KEY, ref, **SIZES)
        assert missing.value.numbers == [1, 3]
        assert uploads.stored_bytes(KEY) is None
        for number in missing.value.numbers:
            self.put(uploads, ref, number, PARTS[number])
        uploads.complete_parts(KEY, ref, **SIZES)
        assert self.read(uploads.source_address(KEY)) == FILE

    def test_a_part_sent_again_replaces_the_first(self, uploads: DirectUploads) -> None:
        ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=PART)
        self.put(uploads, ref, 3, b"x" * len(PARTS[3]))
        for number, part in PARTS.items():
            self.put(uploads, ref, number, part)
        uploads.complete_parts(KEY, ref, **SIZES)
        assert self.read(uploads.source_address(KEY)) == FILE

    @pytest.mark.parametrize("content", [b"", PARTS[3][:-1], PARTS[3] + b"!"])
    def test_a_part_of_another_size_is_refused_and_never_counts(
        self, uploads: DirectUploads, content: bytes
    ) -> None:
        ref = self.begin(uploads, (1, 2))
        assert self.put(uploads, ref, 3, content) in (400, 403, 413)
        with pytest.raises(PartsMissing) as missing:
            uploads.complete_parts(KEY, ref, **SIZES)
        assert missing.value.numbers == [3]

    def test_a_part_refused_after_a_good_one_leaves_the_good_one(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads)
        assert self.put(uploads, ref, 3, b"short") in (400, 403)
        uploads.complete_parts(KEY, ref, **SIZES)
        assert self.read(uploads.source_address(KEY)) == FILE

    def test_nothing_comes_in_after_completing_or_aborting(self, uploads: DirectUploads) -> None:
        ref, other_ref = self.begin(uploads), self.begin(uploads, (3,), OTHER_KEY)
        uploads.complete_parts(KEY, ref, **SIZES)
        uploads.abort_parts(OTHER_KEY, other_ref)
        assert self.put(uploads, ref, 3, b"x" * len(PARTS[3])) in (403, 404)
        assert self.put(uploads, other_ref, 3, PARTS[3], OTHER_KEY) in (403, 404)
        assert self.read(uploads.source_address(KEY)) == FILE
        assert uploads.stored_bytes(OTHER_KEY) is None

    def test_aborting_forgets_the_parts_and_is_harmless_when_repeated(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads, (1,))
        for _ in range(2):
            uploads.abort_parts(KEY, ref)
        assert uploads.received_parts(KEY, ref) == {}
        with pytest.raises(ProviderRefused):
            uploads.complete_parts(KEY, ref, **SIZES)

    def test_aborting_what_was_completed_leaves_the_file(self, uploads: DirectUploads) -> None:
        ref = self.begin(uploads)
        uploads.complete_parts(KEY, ref, **SIZES)
        uploads.abort_parts(KEY, ref)
        assert uploads.stored_bytes(KEY) == len(FILE)

    def test_deleting_is_harmless_when_repeated(self, uploads: DirectUploads) -> None:
        self.post(uploads.grant_form(KEY, size=5, content_type=TYPE), b"hello")
        for _ in range(2):
            uploads.delete(KEY)
        assert uploads.stored_bytes(KEY) is None


class TestLocalUploads(UploadsContract):
    @pytest.fixture
    def uploads(self, settings, tmp_path: Path) -> LocalUploads:
        settings.UPLOADS_ROOT = tmp_path
        settings.UPLOADS = {"default": {"BACKEND": "media_pipeline.uploading.local.LocalUploads"}}
        return LocalUploads()

    def send(self, method: str, url: str, **body: object) -> int:
        async def nothing_else(scope: object, receive: object, send: object) -> None:
            raise AssertionError("the request went past the receiver")

        async def request() -> int:
            transport = httpx.ASGITransport(with_receiver(nothing_else))
            async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
                return (await client.request(method, url, **body)).status_code

        return asyncio.run(request())

    def read(self, address: str) -> bytes:
        return Path(address).read_bytes()

    def test_only_the_finished_file_is_left(self, uploads: LocalUploads, tmp_path: Path) -> None:
        ref = self.begin(uploads)
        self.put(uploads, ref, 3, b"short")
        uploads.complete_parts(KEY, ref, **SIZES)
        uploads.abort_parts(OTHER_KEY, self.begin(uploads, (3,), OTHER_KEY))
        uploads.delete(OTHER_KEY)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / KEY]
        assert not (tmp_path / OTHER_KEY).parent.exists()

    def test_a_finished_file_is_never_replaced(self, uploads: LocalUploads) -> None:
        """Its leave lives on for minutes; what was checked must not turn into something else."""
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        self.post(grant, b"hello")
        self.post(grant, b"HELLO")
        assert self.read(uploads.source_address(KEY)) == b"hello"

    def test_leave_for_a_part_is_no_leave_for_a_form_and_the_reverse(self, uploads: LocalUploads) -> None:
        form = uploads.grant_form(KEY, size=5, content_type="")
        ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=5)
        part = uploads.grant_part(KEY, ref, number=1, size=5)
        assert self.post(replace(form, url=part.url.replace("/part?", "/form?")), b"hello") == 403
        assert self.send("PUT", form.url.replace("/form?", "/part?"), content=b"hello") == 403

    def test_an_altered_address_is_refused(self, uploads: LocalUploads) -> None:
        form = uploads.grant_form(KEY, size=5, content_type=TYPE)
        altered = form.url[:-1] + ("A" if form.url[-1] != "A" else "Q")
        assert self.post(replace(form, url=altered), b"hello") == 403
        assert uploads.stored_bytes(KEY) is None

    def test_a_disk_that_fails_may_be_asked_again(self, uploads: LocalUploads, tmp_path: Path) -> None:
        (tmp_path / "sources").write_bytes(b"where a folder should be")
        asked = [
            lambda: uploads.begin_parts(KEY, content_type=TYPE, part_size=PART),
            lambda: uploads.received_parts(KEY, str(PART)),
            lambda: uploads.complete_parts(KEY, str(PART), **SIZES),
            lambda: uploads.stored_bytes(KEY),
            lambda: uploads.delete(KEY),
        ]
        for ask in asked:
            with pytest.raises(ProviderError, match=r"disk: Not a directory|disk: File exists") as failure:
                ask()
            assert not isinstance(failure.value, ProviderRefused)

    def test_what_was_never_there_is_not_complete(self, uploads: LocalUploads) -> None:
        with pytest.raises(ProviderRefused):
            uploads.complete_parts(KEY, str(PART), **SIZES)


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    with serving_storage("https://shop.example") as address:
        yield address


class TestS3Uploads(UploadsContract):
    @pytest.fixture
    def uploads(self, settings, aws_credentials, storage: str) -> S3Uploads:
        settings.AWS = {"region": "ap-northeast-2", "endpoints": {"s3": storage}}
        settings.S3_UPLOADS_BUCKET = f"uploads-{new_code()}"
        boto3.client(
            "s3",
            "us-east-1",
            endpoint_url=storage,
            aws_access_key_id="testing",
            aws_secret_access_key=SECRETS["testing"],
        ).create_bucket(Bucket=settings.S3_UPLOADS_BUCKET)
        return S3Uploads()

    def send(self, method: str, url: str, **body: object) -> int:
        return httpx.request(method, url, **body).status_code

    def read(self, address: str) -> bytes:
        response = httpx.get(address)
        response.raise_for_status()
        return response.content

    def test_a_field_that_the_policy_does_not_name_is_refused(self, uploads: S3Uploads) -> None:
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        assert self.post(grant, b"hello", acl="public-read") == 403
        assert self.post(grant, b"hello", key=OTHER_KEY) == 403
        assert uploads.stored_bytes(OTHER_KEY) is None

    def test_leave_for_one_part_is_leave_for_no_other(self, uploads: S3Uploads) -> None:
        ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=PART)
        url = uploads.grant_part(KEY, ref, number=3, size=len(PARTS[3])).url
        assert self.send("PUT", url.replace("partNumber=3", "partNumber=2"), content=PARTS[3]) == 403
        assert self.send("PUT", url.replace("/abc/", "/abd/"), content=PARTS[3]) == 403

    def test_nobody_reads_without_a_signature(self, uploads: S3Uploads) -> None:
        self.post(uploads.grant_form(KEY, size=5, content_type=TYPE), b"hello")
        address = uploads.source_address(KEY)
        assert httpx.get(address).status_code == 200
        assert httpx.get(address.partition("?")[0]).status_code == 403

    def test_a_list_of_several_pages_is_read_to_its_end(self, uploads: S3Uploads) -> None:
        events = aws_client("s3").meta.events
        events.register(
            "provide-client-params.s3.ListParts", lambda params, **kwargs: params | {"MaxParts": 1}
        )
        ref = self.begin(uploads)
        assert set(uploads.received_parts(KEY, ref)) == {1, 2, 3}

    @pytest.mark.parametrize("region", ["ap-northeast-2", "us-east-1"])
    def test_browsers_are_sent_to_the_buckets_own_regional_address(
        self,
        settings,
        aws_credentials,
        region: str,
    ) -> None:
        """The one that the content security policy names."""
        settings.AWS = {"region": region, "endpoints": {}}
        settings.S3_UPLOADS_BUCKET = "test-uploads"
        address = f"https://test-uploads.s3.{region}.amazonaws.com/"
        assert S3Uploads().grant_form(KEY, size=5, content_type=TYPE).url == address
        assert S3Uploads().grant_part(KEY, "ref", number=1, size=5).url.startswith(address)

    def test_a_storage_that_does_not_answer_may_be_asked_again(self, settings, aws_credentials) -> None:
        settings.AWS = {"region": "ap-northeast-2", "endpoints": {"s3": "http://127.0.0.1:1"}}
        settings.S3_UPLOADS_BUCKET = "test-uploads"
        with pytest.raises(ProviderError) as failure:
            S3Uploads().stored_bytes(KEY)
        assert not isinstance(failure.value, ProviderRefused)
