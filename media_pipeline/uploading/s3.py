"""Uploads straight into an S3 bucket: presigned POST for small pictures, presigned multipart for all else.

The signatures hold the browser to the exact key, size and content type; the bucket is private. Its CORS rules must
allow POST and PUT from SITE_URL. A lifecycle rule should abort multipart uploads that are days old: the sweeps do it
too, but not after the loss of a database.
"""

from typing import Any

from django.conf import settings

from common.aws import AwsRefused, aws_client, calling_aws
from media_pipeline.uploading.base import DirectUploads, FormGrant, PartGrant, PartsMissing, missing_parts

SOURCE_SECONDS = 3600


class S3Uploads(DirectUploads):
    """The reference of an upload in parts is S3's UploadId."""

    @property
    def _s3(self) -> Any:  # noqa: ANN401 boto3 makes classes at run time
        return aws_client("s3")

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": settings.S3_UPLOADS_BUCKET, "Key": key}

    def grant_form(self, key: str, *, size: int, content_type: str) -> FormGrant:
        with calling_aws():
            post = self._s3.generate_presigned_post(
                **self._at(key),
                Fields={"Content-Type": content_type},
                Conditions=[["content-length-range", size, size], {"Content-Type": content_type}],
                ExpiresIn=settings.UPLOAD_GRANT_SECONDS,
            )
        return FormGrant(url=post["url"], fields=post["fields"])

    def begin_parts(self, key: str, *, content_type: str, part_size: int) -> str:
        with calling_aws():
            made = self._s3.create_multipart_upload(**self._at(key), ContentType=content_type)
        return str(made["UploadId"])

    def grant_part(self, key: str, ref: str, *, number: int, size: int) -> PartGrant:
        what = {**self._at(key), "UploadId": ref, "PartNumber": number, "ContentLength": size}
        with calling_aws():
            url = self._s3.generate_presigned_url(
                "upload_part", Params=what, ExpiresIn=settings.UPLOAD_GRANT_SECONDS
            )
        return PartGrant(number=number, size=size, url=url)

    def received_parts(self, key: str, ref: str) -> dict[int, int]:
        try:
            return {part["PartNumber"]: part["Size"] for part in self._list_parts(key, ref)}
        except AwsRefused as refusal:
            if refusal.not_found:
                return {}
            raise

    def _list_parts(self, key: str, ref: str) -> list[dict[str, Any]]:
        pages = self._s3.get_paginator("list_parts").paginate(**self._at(key), UploadId=ref)
        with calling_aws():
            return [part for page in pages for part in page.get("Parts", [])]

    def complete_parts(self, key: str, ref: str, *, size: int, part_size: int) -> None:
        try:
            parts = self._list_parts(key, ref)
            received = {part["PartNumber"]: part["Size"] for part in parts}
            if missing := missing_parts(received, size=size, part_size=part_size):
                raise PartsMissing(missing)
            chosen = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
            with calling_aws():
                self._s3.complete_multipart_upload(
                    **self._at(key), UploadId=ref, MultipartUpload={"Parts": chosen}
                )
        except AwsRefused as refusal:  # another request completed it, or it was aborted
            if not refusal.not_found or self.stored_bytes(key) != size:
                raise

    def abort_parts(self, key: str, ref: str) -> None:
        try:
            with calling_aws():
                self._s3.abort_multipart_upload(**self._at(key), UploadId=ref)
        except AwsRefused as refusal:
            if not refusal.not_found:
                raise

    def stored_bytes(self, key: str) -> int | None:
        try:
            with calling_aws():
                return int(self._s3.head_object(**self._at(key))["ContentLength"])
        except AwsRefused as refusal:
            if refusal.not_found:
                return None
            raise

    def source_address(self, key: str) -> str:
        with calling_aws():
            return str(
                self._s3.generate_presigned_url("get_object", Params=self._at(key), ExpiresIn=SOURCE_SECONDS)
            )

    def delete(self, key: str) -> None:
        with calling_aws():
            self._s3.delete_object(**self._at(key))
