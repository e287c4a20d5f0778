"""The table of an asset's moves, and the one function that makes them."""

from django.db import transaction

from common.errors import IllegalMove
from common.member_news import tell_member_on_commit
from media_pipeline.events import AssetChanged
from media_pipeline.models import Asset

Status = Asset.Status

MOVES = {
    Status.UPLOADING: {Status.CHECKING, Status.REFUSED, Status.CANCELLED},
    Status.CHECKING: {Status.TRANSCODING, Status.READY, Status.REFUSED, Status.FAILED, Status.CANCELLED},
    Status.TRANSCODING: {Status.READY, Status.FAILED, Status.CANCELLED},
    Status.FAILED: {Status.CHECKING, Status.TRANSCODING, Status.CANCELLED},
    Status.REFUSED: {Status.CANCELLED},
    Status.READY: set(),
    Status.CANCELLED: set(),
}


def lock_asset(asset_id: int) -> Asset:
    """Return the asset, its row held until the transaction ends."""
    return Asset.objects.select_for_update().get(pk=asset_id)


@transaction.atomic
def move_asset(asset_id: int, after: str, *, problem: str = "", **values: object) -> Asset | None:
    """Move an asset, write `values` with it and tell its owner. None if it is there already.

    Raises IllegalMove for a move that is not in the table.
    """
    asset = lock_asset(asset_id)
    if asset.status == after:
        return None
    if after not in MOVES[Status(asset.status)]:
        raise IllegalMove(asset.status, after)
    asset.status, asset.problem = after, problem
    for name, value in values.items():
        setattr(asset, name, value)
    announce(asset)
    asset.save()
    return asset


def announce(asset: Asset, *, percent: int = 0) -> None:
    """Count the version up and tell the owner's open pages after the commit. The caller holds and saves the row."""
    asset.version += 1
    tell_member_on_commit(asset.owner_id, AssetChanged.of(asset, percent=percent))
