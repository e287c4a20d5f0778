"""What the owner of an asset hears about it, on the member's own socket."""

from dataclasses import dataclass
from typing import ClassVar

from media_pipeline.models import Asset


@dataclass(frozen=True, kw_only=True)
class AssetChanged:
    """Something about an asset changed: its page asks for the card when it shows it."""

    type: ClassVar[str] = "media.asset_changed"
    version: int
    asset: str
    status: str
    percent: int

    @classmethod
    def of(cls, asset: Asset, *, percent: int = 0) -> "AssetChanged":
        return cls(version=asset.version, asset=asset.code, status=asset.status, percent=percent)
