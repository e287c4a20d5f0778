"""Every write to an upload that means something. The storage is never called inside a transaction."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError, IllegalMove, ProviderError
from media_pipeline.models import Asset, Upload
from media_pipeline.moves import Status, lock_asset, move_asset
from media_pipeline.purposes import check_announcement
from media_pipeline.submissions import NOTHING_PLAYS
from media_pipeline.transcode_tasks import check_asset
from media_pipeline.uploading import uploads
from media_pipeline.uploading.base import FormGrant, PartGrant, PartsMissing, part_sizes

logger = logging.getLogger(__name__)

MAX_OPEN_UPLOADS = 20
MAX_PARTS_AT_ONCE = 20
NOTE_ACTIVE_EVERY = timedelta(seconds=10)
CANCELLABLE = (Status.UPLOADING, Status.REFUSED, Status.FAILED, Status.CANCELLED)
"""Once it is being processed, a video may play already, and a trailer may show it."""


class TooManyUploads(DomainError):
    """The member has as many unfinished uploads as one may have."""

    code = "too_many_uploads"


class UploadOver(DomainError):
    """The upload has finished or was cancelled."""

    code = "upload_over"


class NoSuchPart(DomainError):
    """A part's number is outside the file, or too many were asked for at once."""

    code = "no_such_part"


def begin_upload(owner: User, *, purpose: str, name: str, size: int, content_type: str) -> Upload:
    """Take an announcement (`size` in bytes) and return the upload to grant.

    Raises AnnouncementRefused, TooManyUploads, ProviderError.
    """
    content_type = content_type.partition(";")[0].strip().lower()
    check_announcement(purpose, size=size, content_type=content_type)
    upload = _announce(owner, purpose=purpose, name=name, size=size, content_type=content_type)
    if upload.part_size:
        with _cancelled_on_failure(upload):
            upload.provider_ref = uploads().begin_parts(
                upload.asset.source_key, content_type=content_type, part_size=upload.part_size
            )
            upload.save(update_fields=["provider_ref"])
    return upload


@contextmanager
def _cancelled_on_failure(upload: Upload) -> Iterator[None]:
    """What its browser never hears of must not count as open for a day."""
    try:
        yield
    except Exception:
        cancel_upload(upload.pk)
        raise


@transaction.atomic
def _announce(owner: User, *, purpose: str, name: str, size: int, content_type: str) -> Upload:
    User.objects.select_for_update().get(pk=owner.pk)  # two tabs at once see each other's
    if Asset.objects.filter(owner=owner, status=Status.UPLOADING).count() >= MAX_OPEN_UPLOADS:
        raise TooManyUploads(_("올리는 중인 파일이 너무 많아요. 먼저 올리던 파일을 마치거나 취소해 주세요."))
    asset = Asset(owner=owner, purpose=purpose, name=_shown_name(name))
    asset.source_key = f"sources/{asset.code}/{secrets.token_hex(16)}"
    asset.save()
    # Leave to send a form lives on when the file is there, and S3 lets it replace the file. A picture is made at once
    # from what was checked; a film is read again later, and parts cannot follow once they are one file.
    in_parts = purpose == Asset.Purpose.VIDEO or size > settings.UPLOAD_FORM_MAX_BYTES
    return Upload.objects.create(
        asset=asset,
        size=size,
        content_type=content_type,
        part_size=settings.UPLOAD_PART_BYTES if in_parts else 0,
    )


def _shown_name(name: str) -> str:
    """Return a file's name without folders and control characters, as it may be shown."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in base if letter.isprintable()).strip()[:200] or _("이름 없는 파일")


def grant_form(upload: Upload) -> FormGrant | None:
    """Return the leave to send the whole file, None when it goes in parts. Raises ProviderError."""
    if upload.part_size:
        return None
    with _cancelled_on_failure(upload):
        return uploads().grant_form(
            upload.asset.source_key, size=upload.size, content_type=upload.content_type
        )


def grant_parts(upload: Upload, numbers: Sequence[int]) -> list[PartGrant]:
    """Return leave to send these parts. Raises UploadOver, NoSuchPart, ProviderError."""
    if upload.asset.status != Status.UPLOADING:
        raise UploadOver(_("이미 끝났거나 취소한 업로드예요."))
    sizes = part_sizes(upload.size, upload.part_size)
    if not 1 <= len(numbers) <= MAX_PARTS_AT_ONCE or not set(numbers) <= set(sizes):
        raise NoSuchPart(_("파일에 없는 조각이에요. 파일을 다시 골라 주세요."))
    note_active(upload)
    key, ref = upload.asset.source_key, upload.provider_ref
    return [uploads().grant_part(key, ref, number=number, size=sizes[number]) for number in numbers]


def received_parts(upload: Upload) -> list[int]:
    """Return the numbers of the parts that need not be sent again."""
    if not upload.part_size or upload.asset.status != Status.UPLOADING:
        return []
    received = uploads().received_parts(upload.asset.source_key, upload.provider_ref)
    expected = part_sizes(upload.size, upload.part_size)
    return sorted(number for number, size in received.items() if expected.get(number) == size)


def note_active(upload: Upload) -> None:
    """Note a sign of the browser, not more often than anybody needs to know."""
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk, active_at__lt=now - NOTE_ACTIVE_EVERY).update(active_at=now)


def receive_upload(asset_id: int) -> None:
    """Have an upload checked whose bytes are all there. Harmless when repeated, at once or later.

    Raises PartsMissing when they are not there, ProviderError when the storage does not say.
    """
    upload = Upload.objects.select_related("asset").get(pk=asset_id)
    if upload.asset.status != Status.UPLOADING:
        return
    key, all_parts = upload.asset.source_key, list(part_sizes(upload.size, upload.part_size)) or [1]
    if upload.part_size:
        if not upload.provider_ref:  # the request that announced it died on its way to the storage
            raise PartsMissing(all_parts)
        uploads().complete_parts(key, upload.provider_ref, size=upload.size, part_size=upload.part_size)
    if uploads().stored_bytes(key) != upload.size:
        raise PartsMissing(all_parts)
    if _note_received(asset_id) == Status.CANCELLED:
        discard_source(asset_id)  # whoever cancelled may have looked before the parts were one file


@transaction.atomic
def _note_received(asset_id: int) -> str:
    """Move an open upload on to checking; return the status it has now."""
    asset = lock_asset(asset_id)
    if asset.status != Status.UPLOADING:
        return asset.status
    move_asset(asset_id, Status.CHECKING)
    Upload.objects.filter(pk=asset_id).update(finished_at=timezone.now())
    transaction.on_commit(lambda: check_asset.delay(asset_id), robust=True)
    return Status.CHECKING


@transaction.atomic
def cancel_upload(asset_id: int) -> None:
    """Give up an upload, or a file that came to nothing. Raises IllegalMove once it was received and not refused."""
    status = lock_asset(asset_id).status
    if status not in CANCELLABLE:
        raise IllegalMove(status, Status.CANCELLED)
    if move_asset(asset_id, Status.CANCELLED, **NOTHING_PLAYS):
        transaction.on_commit(lambda: _discard_now_or_later(asset_id), robust=True)


def _discard_now_or_later(asset_id: int) -> None:
    try:
        discard_source(asset_id)
    except ProviderError:
        logger.warning("upload not deleted yet", exc_info=True, extra={"asset": asset_id})


def discard_source(asset_id: int) -> None:
    """Delete what was uploaded. Harmless when repeated; raises ProviderError."""
    upload = Upload.objects.select_related("asset").filter(pk=asset_id).first()
    if upload is None or not upload.asset.source_key:
        return
    delete_source(upload.asset.source_key, upload.provider_ref)


def delete_source(key: str, ref: str) -> None:
    """Delete a file and what there is of its parts (`ref`: the storage's id of them, or ""). Raises ProviderError."""
    if ref:
        uploads().abort_parts(key, ref)
    uploads().delete(key)
