"""Uploads to this machine: browsers send to `media_pipeline.uploading.receiver`, files lie under UPLOADS_ROOT."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from common.errors import ProviderError, ProviderRefused
from media_pipeline.uploading import local_files
from media_pipeline.uploading.base import DirectUploads, FormGrant, PartGrant, PartsMissing, missing_parts
from media_pipeline.uploading.local_grants import Grant, sign_grant

RECEIVER = "/uploads/receive/"


class LocalUploads(DirectUploads):
    """The reference of an upload in parts is its part size: with a part's number it tells the part's place."""

    def grant_form(self, key: str, *, size: int, content_type: str) -> FormGrant:
        grant = Grant(key=key, size=size, content_type=content_type)
        return FormGrant(url=_address("form", grant), fields={"Content-Type": content_type})

    def begin_parts(self, key: str, *, content_type: str, part_size: int) -> str:
        with _using_disk():
            local_files.begin_parts(key)
        return str(part_size)

    def grant_part(self, key: str, ref: str, *, number: int, size: int) -> PartGrant:
        grant = Grant(key=key, size=size, number=number, offset=(number - 1) * int(ref))
        return PartGrant(number=number, size=size, url=_address("part", grant))

    def received_parts(self, key: str, ref: str) -> dict[int, int]:
        with _using_disk():
            return local_files.kept_parts(key)

    def complete_parts(self, key: str, ref: str, *, size: int, part_size: int) -> None:
        try:
            with _using_disk(), local_files.alone(local_files.parts_folder(key)):
                received = local_files.kept_parts(key)
                if missing := missing_parts(received, size=size, part_size=part_size):
                    raise PartsMissing(missing)
                local_files.finish_file(key)
        except local_files.UploadClosed as error:
            if self.stored_bytes(key) != size:
                raise ProviderRefused("no such upload") from error

    def abort_parts(self, key: str, ref: str) -> None:
        with _using_disk():
            local_files.forget_parts(key)

    def stored_bytes(self, key: str) -> int | None:
        with _using_disk():
            try:
                return local_files.path_of(key).stat().st_size
            except FileNotFoundError:
                return None

    def source_address(self, key: str) -> str:
        return str(local_files.path_of(key))

    def delete(self, key: str) -> None:
        with _using_disk():
            local_files.delete_file(key)


def _address(kind: str, grant: Grant) -> str:
    """Return where to send it. The grant stands in the address, to be read before anything of the body."""
    return f"{RECEIVER}{kind}?{urlencode({'grant': sign_grant(grant)})}"


@contextmanager
def _using_disk() -> Iterator[None]:
    """Turn what the disk says, be it that it is full, into ProviderError: it may help to try again."""
    try:
        yield
    except OSError as error:
        raise ProviderError(f"disk: {error.strerror}") from error
