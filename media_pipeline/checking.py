"""What becomes of an upload that is complete: its content decides, never its name or the type the browser claimed."""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import httpx
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.aws import calling_aws
from common.errors import ProviderError
from media_pipeline.addresses import write_addresses
from media_pipeline.models import Asset
from media_pipeline.moves import Status, lock_asset, move_asset
from media_pipeline.pictures import AVATAR_EDGE, LONGEST_EDGE, BadImage, Picture, reencode
from media_pipeline.probing.facts import VideoFacts
from media_pipeline.probing.probe import ProbeFailed, ProbeRefused, probe_video
from media_pipeline.submissions import new_attempt
from media_pipeline.uploading import uploads

SILENT_AFTER = timedelta(seconds=60)
GIVEN_UP_AFTER = timedelta(minutes=20)
GIVEN_UP_TRIES = 5
"""Time alone says nothing: while workers were away nobody tried."""
FETCH_TIMEOUT = httpx.Timeout(20, connect=3)


def local_bucket() -> str:
    """Return the name under which rows and events know the media storage."""
    return settings.S3_MEDIA_BUCKET if settings.MEDIA_STORAGE == "s3" else "local"


def check_asset(asset_id: int) -> str | None:
    """Look at an uploaded file and move its asset on: refused, ready (a picture) or to be transcoded (a video).

    Returns the id of the attempt to submit, if this call made one. A quiet no-op for an asset that is not being
    checked. Raises ProviderError when the file cannot be looked at just now.
    """
    asset = Asset.objects.get(pk=asset_id)
    if asset.status != Status.CHECKING:
        return None
    Asset.objects.filter(pk=asset_id).update(check_tries=F("check_tries") + 1)
    address = uploads().source_address(asset.source_key)
    try:
        if asset.is_video:
            return _to_transcoding(asset_id, probe_video(address))
        edge = AVATAR_EDGE if asset.purpose == Asset.Purpose.AVATAR else LONGEST_EDGE
        _to_ready(asset_id, reencode(io.BytesIO(_read(address)), longest_edge=edge))
    except (ProbeRefused, BadImage) as refusal:
        _end_checking(asset_id, Status.REFUSED, refusal.code)
    return None


@transaction.atomic
def _to_transcoding(asset_id: int, facts: VideoFacts) -> str | None:
    asset = lock_asset(asset_id)
    if asset.status != Status.CHECKING:  # somebody else was faster, or it was cancelled
        return None
    attempt = new_attempt(asset)
    move_asset(
        asset_id,
        Status.TRANSCODING,
        attempt=attempt,
        source=asdict(facts),
        duration_ms=facts.duration_ms,
        width=facts.width,
        height=facts.height,
    )
    return str(attempt.pk)


def _to_ready(asset_id: int, picture: Picture) -> None:
    """Store a picture and show it. The key is new each time, so that a cached address never shows another picture."""
    code = Asset.objects.values_list("code", flat=True).get(pk=asset_id)
    with _storing():
        key = default_storage.save(
            f"images/{code}-{secrets.token_hex(12)}.webp", ContentFile(picture.content)
        )
    if not _show(asset_id, key, picture):
        with _storing():
            default_storage.delete(key)


@transaction.atomic
def _show(asset_id: int, key: str, picture: Picture) -> bool:
    asset = lock_asset(asset_id)
    if asset.status != Status.CHECKING:
        return False
    asset.storage_key = key
    write_addresses(asset)
    move_asset(
        asset_id,
        Status.READY,
        width=picture.width,
        height=picture.height,
        storage_bucket=local_bucket(),
        storage_key=key,
        playback_url=asset.playback_url,
        poster_url=asset.poster_url,
    )
    return True


@transaction.atomic
def _end_checking(asset_id: int, status: str, problem: str) -> None:
    if lock_asset(asset_id).status == Status.CHECKING:
        move_asset(asset_id, status, problem=problem)


def give_up(asset_id: int, error: ProviderError | None = None) -> None:
    """Stop trying to look at a file; its owner may have it tried again."""
    looked_in_vain = error is None or isinstance(error, ProbeFailed)
    _end_checking(asset_id, Status.FAILED, "check_failed" if looked_in_vain else "storage_failed")


def waiting_asset_ids(*, limit: int = 100) -> list[int]:
    """Return assets whose check has been silent for a while: the broker lost its task."""
    waiting = Asset.objects.filter(
        status=Status.CHECKING, changed_at__lt=timezone.now() - SILENT_AFTER
    ).order_by("changed_at")
    return list(waiting.values_list("pk", flat=True)[:limit])


def given_up_asset_ids(*, limit: int = 100) -> list[int]:
    """Return assets whose check came to nothing however often it was tried."""
    stuck = Asset.objects.filter(
        status=Status.CHECKING,
        changed_at__lt=timezone.now() - GIVEN_UP_AFTER,
        check_tries__gte=GIVEN_UP_TRIES,
    )
    return list(stuck.values_list("pk", flat=True)[:limit])


def _read(address: str) -> bytes:
    """Return a picture's bytes from a path or an https address. BadImage beyond what may be uploaded."""
    limit = settings.UPLOAD_MAX_BYTES
    with _storing():
        if not address.startswith(("http://", "https://")):
            with Path(address).open("rb") as file:
                content = file.read(limit + 1)
        else:
            content = b""
            with httpx.stream("GET", address, timeout=FETCH_TIMEOUT) as response:
                if response.status_code != 200:
                    raise ProviderError(f"storage answered {response.status_code}")
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > limit:
                        break
    if len(content) > limit:
        raise BadImage("too_large")
    return content


@contextmanager
def _storing() -> Iterator[None]:
    """Turn what a storage may raise into ProviderError; a signed address stays out of its message."""
    try:
        with calling_aws():
            yield
    except (OSError, httpx.HTTPError) as error:
        raise ProviderError(f"storage: {type(error).__name__}") from None
