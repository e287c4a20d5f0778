"""The stand-in refuses what S3 refuses: otherwise tests against it would prove nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.aws.post_policy import check_post
from tests.aws.signature import S3Refused, check_presigned
from tests.aws.storage import SECRETS, read_form, serving_storage

BUCKET, KEY = "test-uploads", "sources/abc/1"
SITE = "https://shop.example"


def client(endpoint: str | None = None) -> Any:
    return boto3.client(
        "s3",
        region_name="ap-northeast-2",
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key=SECRETS["testing"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def policy(**options: Any) -> dict[str, str]:
    """Fields of a POST of 1 to 1000 bytes of video."""
    conditions = [["content-length-range", 1, 1000], {"Content-Type": "video/mp4"}]
    post = client().generate_presigned_post(
        BUCKET, KEY, **{"Fields": {"Content-Type": "video/mp4"}, "Conditions": conditions} | options
    )
    return post["fields"]


def refusal(check: Any, *arguments: Any, **options: Any) -> tuple[int, str]:
    with pytest.raises(S3Refused) as refused:
        check(*arguments, **options)
    return refused.value.status, refused.value.code


class TestPostPolicy:
    def test_what_the_policy_allows_passes(self) -> None:
        for size in (1, 1000):
            check_post(BUCKET, policy(), size, SECRETS)
        check_post(BUCKET, policy() | {"x-ignore-this": "1"}, 1, SECRETS)

    @pytest.mark.parametrize(
        ("size", "changes", "answer"),
        [
            (1001, {}, (400, "EntityTooLarge")),
            (0, {}, (400, "EntityTooSmall")),
            (10, {"Content-Type": "text/html"}, (403, "AccessDenied")),
            (10, {"key": "other/key"}, (403, "AccessDenied")),
            (10, {"acl": "public-read"}, (403, "AccessDenied")),
            (10, {"x-amz-signature": "0" * 64}, (403, "SignatureDoesNotMatch")),
            (
                10,
                {"x-amz-credential": "nobody/20260101/us-east-1/s3/aws4_request"},
                (403, "InvalidAccessKeyId"),
            ),
            (10, {"x-amz-credential": "testing"}, (400, "AuthorizationQueryParametersError")),
        ],
    )
    def test_what_it_does_not_allow_is_refused(
        self, size: int, changes: dict[str, str], answer: tuple[int, str]
    ) -> None:
        assert refusal(check_post, BUCKET, policy() | changes, size, SECRETS) == answer

    def test_another_bucket_is_refused(self) -> None:
        assert refusal(check_post, "other", policy(), 10, SECRETS) == (403, "AccessDenied")

    def test_a_policy_that_has_run_out_is_refused(self) -> None:
        later = datetime.now(UTC) + timedelta(hours=1, seconds=1)
        assert refusal(check_post, BUCKET, policy(), 10, SECRETS, now=later) == (403, "AccessDenied")

    def test_a_post_without_policy_is_refused(self) -> None:
        assert refusal(check_post, BUCKET, {"key": KEY}, 10, SECRETS) == (403, "AccessDenied")

    @pytest.mark.parametrize(
        ("condition", "key", "allowed"),
        [
            (["starts-with", "$x-amz-meta-a", "1"], "12", True),
            (["starts-with", "$x-amz-meta-a", "1"], "21", False),
            (["eq", "$x-amz-meta-a", "1"], "1", True),
            (["eq", "$x-amz-meta-a", "1"], "12", False),
        ],
    )
    def test_conditions_in_the_form_of_lists(self, condition: list[str], key: str, allowed: bool) -> None:
        fields = policy(Fields={"x-amz-meta-a": key}, Conditions=[condition])
        if allowed:
            check_post(BUCKET, fields, 10, SECRETS)
        else:
            assert refusal(check_post, BUCKET, fields, 10, SECRETS) == (403, "AccessDenied")

    def test_an_unknown_condition_is_refused(self) -> None:
        fields = policy(Conditions=[["ends-with", "$key", "1"]])
        assert refusal(check_post, BUCKET, fields, 10, SECRETS) == (400, "InvalidPolicyDocument")


class TestPresigned:
    @pytest.fixture
    def target(self) -> str:
        what = {"Bucket": BUCKET, "Key": KEY, "UploadId": "u 1", "PartNumber": 1, "ContentLength": 5}
        url = client("http://s3.example").generate_presigned_url("upload_part", Params=what, ExpiresIn=60)
        return url.removeprefix("http://s3.example")

    HEADERS = {"host": "s3.example", "content-length": "5"}

    def test_a_genuine_address_passes(self, target: str) -> None:
        check_presigned("PUT", target, self.HEADERS, SECRETS)

    @pytest.mark.parametrize(
        ("method", "old", "new", "headers"),
        [
            ("GET", "", "", {}),
            ("PUT", "abc", "abd", {}),
            ("PUT", "partNumber=1", "partNumber=2", {}),
            ("PUT", "X-Amz-Expires=60", "X-Amz-Expires=6000", {}),
            ("PUT", "", "", {"content-length": "6"}),
            ("PUT", "", "", {"host": "evil.example"}),
        ],
    )
    def test_whatever_differs_from_what_was_signed_is_refused(
        self, target: str, method: str, old: str, new: str, headers: dict[str, str]
    ) -> None:
        changed = target.replace(old, new)
        assert refusal(check_presigned, method, changed, self.HEADERS | headers, SECRETS) == (
            403,
            "SignatureDoesNotMatch",
        )

    @pytest.mark.parametrize("seconds", [61, -3600])
    def test_before_and_after_its_time_it_is_refused(self, target: str, seconds: int) -> None:
        then = datetime.now(UTC) + timedelta(seconds=seconds)
        answer = refusal(check_presigned, "PUT", target, self.HEADERS, SECRETS, now=then)
        assert answer == (403, "AccessDenied")

    @pytest.mark.parametrize(
        "name", ["X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Credential"]
    )
    def test_an_incomplete_address_is_refused(self, target: str, name: str) -> None:
        answer = refusal(check_presigned, "PUT", target.replace(name, "X-Other"), self.HEADERS, SECRETS)
        assert answer == (400, "AuthorizationQueryParametersError")


class TestForm:
    TYPE = "multipart/form-data; boundary=b"

    def body(self, *parts: str) -> bytes:
        lines = [f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts]
        return ("".join(lines) + "--b--\r\n").encode()

    def test_fields_before_the_file_count_and_those_after_it_do_not(self) -> None:
        body = self.body(
            'name="key"\r\n\r\na',
            'name="file"; filename="x.mp4"\r\n\r\n12345',
            'name="acl"\r\n\r\npublic-read',
        )
        assert read_form(self.TYPE, body) == ({"key": "a"}, 5)

    def test_a_form_without_a_file_is_refused(self) -> None:
        body = self.body('name="key"\r\n\r\na')
        assert refusal(read_form, self.TYPE, body) == (400, "InvalidArgument")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving_storage(SITE) as address:
        client(address).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
        )
        yield address


class TestServing:
    def test_objects_are_private(self, address: str) -> None:
        client(address).put_object(Bucket=BUCKET, Key=KEY, Body=b"hello")
        url = f"{address}/{BUCKET}/{KEY}"
        assert httpx.get(url).status_code == httpx.put(url, content=b"x").status_code == 403
        signed = client(address).generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": KEY})
        assert httpx.get(signed).content == b"hello"
        assert client(address).head_object(Bucket=BUCKET, Key=KEY)["ContentLength"] == 5

    @pytest.mark.parametrize(
        ("origin", "allowed"), [(SITE, True), ("https://evil.example", False), (None, False)]
    )
    def test_only_the_sites_own_pages_may_send(self, address: str, origin: str | None, allowed: bool) -> None:
        headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-a"}
        headers |= {"Origin": origin} if origin else {}
        preflight = httpx.options(f"{address}/{BUCKET}/{KEY}", headers=headers)
        refused = httpx.put(f"{address}/{BUCKET}/{KEY}", content=b"x", headers=headers)
        assert (preflight.status_code == 200) is allowed
        for answer in (preflight, refused):
            assert answer.headers.get("Access-Control-Allow-Origin") == (SITE if allowed else None)

    def test_a_post_is_held_to_its_policy(self, address: str) -> None:
        post = client(address).generate_presigned_post(
            BUCKET, "sources/abc/2", Conditions=[["content-length-range", 5, 5]]
        )
        assert httpx.post(post["url"], data=post["fields"], files={"file": b"hello!"}).status_code == 400
        assert httpx.post(post["url"], data=post["fields"], files={"file": b"hello"}).status_code == 204
        assert client(address).head_object(Bucket=BUCKET, Key="sources/abc/2")["ContentLength"] == 5
