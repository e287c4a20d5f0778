"""The addresses browsers fetch, derived from where things lie. Written into the rows, so that pages only read them."""

from media_pipeline.models import Asset
from media_pipeline.stores import media_url

FIELDS = ("playback_url", "clip_url", "poster_url")


def write_addresses(asset: Asset) -> None:
    """Set the asset's addresses from its keys; the caller saves. A picture's poster is the picture itself."""
    asset.playback_url = media_url(asset.storage_key) if asset.storage_key else ""
    if asset.is_video:
        asset.clip_url = media_url(f"{asset.preview_key}hover.mp4") if asset.preview_key else ""
        asset.poster_url = poster_url(asset, asset.poster_number) if asset.preview_key else ""
    else:
        asset.poster_url = asset.playback_url


def poster_url(asset: Asset, number: int) -> str:
    """Return the address of a video's poster candidate, numbered from 0."""
    return media_url(f"{asset.preview_key}poster.{number:07d}.jpg")


def refresh_addresses() -> int:
    """Derive every address anew, after MEDIA_BASE_URL has changed, and return how many assets differed."""
    changed = 0
    for asset in Asset.objects.exclude(storage_key="").iterator(chunk_size=500):
        before = [getattr(asset, field) for field in FIELDS]
        write_addresses(asset)
        after = {field: getattr(asset, field) for field in FIELDS}
        if before != list(after.values()):
            # Only if its files are still the same: a transcode may finish meanwhile.
            changed += Asset.objects.filter(
                pk=asset.pk, storage_key=asset.storage_key, poster_number=asset.poster_number
            ).update(**after)
    return changed
