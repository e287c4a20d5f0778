"""What periodic tasks look after: no upload hangs, and no storage fills up, because a browser went away."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.errors import IllegalMove, ProviderRefused
from media_pipeline.models import Asset, Upload
from media_pipeline.moves import Status
from media_pipeline.upload_actions import cancel_upload, delete_source, receive_upload

SILENT_AFTER = timedelta(minutes=2)
"""A browser that has all bytes sent says so within seconds."""
SILENT_UNTIL = timedelta(hours=1)
"""Later nothing arrives any more: grants have run out. What is here then is completed before it is cleaned up."""
SOURCE_KEPT = timedelta(days=7)
"""How long the file stays of what came to nothing, for another try or for staff to look at."""
ENDED_BADLY = (Status.REFUSED, Status.FAILED, Status.CANCELLED)


def silent_upload_ids(*, limit: int = 200) -> list[int]:
    """Return open uploads whose browser says nothing, the latest first."""
    now = timezone.now()
    silent = Upload.objects.filter(
        asset__status=Status.UPLOADING,
        active_at__lt=now - SILENT_AFTER,
        active_at__gt=now - SILENT_UNTIL,
    )
    return list(silent.order_by("-active_at").values_list("pk", flat=True)[:limit])


def abandoned_upload_ids(*, limit: int = 200) -> list[int]:
    """Return open uploads without a sign of life for UPLOAD_ABANDONED_HOURS, oldest first."""
    before = timezone.now() - timedelta(hours=settings.UPLOAD_ABANDONED_HOURS)
    abandoned = Upload.objects.filter(asset__status=Status.UPLOADING, active_at__lt=before)
    return list(abandoned.order_by("active_at").values_list("pk", flat=True)[:limit])


def useless_source_ids(*, limit: int = 200) -> list[int]:
    """Return assets that came to nothing long ago and still have their file, oldest first.

    What is ready keeps its file: it is transcoded anew from it one day.
    """
    return list(_useless().order_by("changed_at").values_list("pk", flat=True)[:limit])


def _useless() -> QuerySet[Asset]:
    before = timezone.now() - SOURCE_KEPT
    return Asset.objects.filter(status__in=ENDED_BADLY, changed_at__lt=before).exclude(source_key="")


def complete_if_arrived(asset_id: int) -> bool:
    """Complete an upload if all its bytes are there, and say whether they are.

    Raises ProviderError when the storage does not say; one that knows nothing of the upload has said enough.
    """
    try:
        receive_upload(asset_id)
    except ProviderRefused:
        return False
    return True


def clean_abandoned(asset_id: int) -> None:
    """Complete or cancel an upload that nobody goes on with. Raises ProviderError."""
    if complete_if_arrived(asset_id):
        return
    try:
        cancel_upload(asset_id)
    except IllegalMove:
        return  # it was received since the question


def delete_useless_source(asset_id: int) -> None:
    """Delete the file of an asset that came to nothing, and forget where it lay. Raises ProviderError."""
    with transaction.atomic():
        asset = _useless().select_for_update().filter(pk=asset_id).first()
        if asset is None:  # its owner has it tried again
            return
        # From here on nobody can have it tried again. update() leaves `changed_at` as it is: the sweep finds it again.
        Asset.objects.filter(pk=asset_id).update(source_key="")
    upload = Upload.objects.filter(pk=asset_id).first()
    try:
        delete_source(asset.source_key, upload.provider_ref if upload else "")
    except Exception:
        Asset.objects.filter(pk=asset_id).update(source_key=asset.source_key)
        raise
