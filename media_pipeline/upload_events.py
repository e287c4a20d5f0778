"""What "Object Created" means: an upload's bytes are all there, whether or not its browser lives to say so.

Shape as in docs/events.md; keys in EventBridge's form are not URL-encoded.
"""

from django.conf import settings
from django.db import transaction

from common.errors import ProviderRefused
from media_pipeline import applying
from media_pipeline.models import Asset
from media_pipeline.moves import Status
from media_pipeline.upload_tasks import receive_upload


def on_object_created(envelope: applying.Envelope) -> None:
    """ "Object Created": have an open upload completed after this transaction; other objects mean nothing here.

    Raises ProviderRefused for an object in a bucket that is not ours.
    """
    bucket, key = envelope["detail"]["bucket"]["name"], envelope["detail"]["object"]["key"]
    if bucket != settings.S3_UPLOADS_BUCKET:
        raise ProviderRefused(f"bucket {bucket} is not where uploads go")
    code = key.split("/")[1] if key.startswith("sources/") else ""
    asset = Asset.objects.filter(code=code, source_key=key, status=Status.UPLOADING).first()
    if asset:
        asset_id = asset.pk
        transaction.on_commit(lambda: receive_upload.delay(asset_id), robust=True)


def register() -> None:
    applying.register("Object Created", on_object_created)
