"""Tasks of uploads: the storage is called outside every request, and again when it fails."""

from celery import shared_task

from common.errors import ProviderError, ProviderRefused
from media_pipeline import upload_actions, upload_sweeps

RETRY = {
    "autoretry_for": (ProviderError,),
    "dont_autoretry_for": (ProviderRefused,),
    "max_retries": 5,
    "retry_backoff": 2,
    "retry_backoff_max": 120,
}


@shared_task(name="media_pipeline.receive_upload", **RETRY)
def receive_upload(asset_id: int) -> None:
    upload_actions.receive_upload(asset_id)


@shared_task(name="media_pipeline.complete_if_arrived", **RETRY)
def complete_if_arrived(asset_id: int) -> None:
    upload_sweeps.complete_if_arrived(asset_id)


@shared_task(name="media_pipeline.clean_abandoned", **RETRY)
def clean_abandoned(asset_id: int) -> None:
    upload_sweeps.clean_abandoned(asset_id)


@shared_task(name="media_pipeline.delete_useless_source", **RETRY)
def delete_useless_source(asset_id: int) -> None:
    upload_sweeps.delete_useless_source(asset_id)


@shared_task(name="media_pipeline.complete_arrived_uploads", expires=60)
def complete_arrived_uploads() -> None:
    """Complete what arrived whole and whose browser never said so."""
    for asset_id in upload_sweeps.silent_upload_ids():
        complete_if_arrived.delay(asset_id)


@shared_task(name="media_pipeline.clean_abandoned_uploads", expires=600)
def clean_abandoned_uploads() -> None:
    """Clean up what nobody goes on with, and files of what came to nothing."""
    for asset_id in upload_sweeps.abandoned_upload_ids():
        clean_abandoned.delay(asset_id)
    for asset_id in upload_sweeps.useless_source_ids():
        delete_useless_source.delay(asset_id)
