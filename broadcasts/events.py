"""What a live room hears of the broadcast."""

from dataclasses import dataclass
from typing import ClassVar

from broadcasts.models import Broadcast
from broadcasts.playback import live_address


@dataclass(frozen=True, kw_only=True)
class BroadcastChanged:
    """Status or pin changed. `version` only grows; moments are ISO 8601 or None; `pinned` is a product code.

    It, or nothing, is pinned since `pinned_at`: pages wait until their picture is there.
    `playback_url` is "" unless the show is on air: what the encoder sends before is not for viewers.
    """

    type: ClassVar[str] = "broadcast.changed"
    version: int
    status: str
    playback_url: str
    pinned: str | None
    pinned_at: str | None
    started_at: str | None
    ended_at: str | None
    replay_ready: bool = False

    @classmethod
    def of(cls, broadcast: Broadcast, *, replay_ready: bool = False) -> "BroadcastChanged":
        pinned = broadcast.pinned_item
        return cls(
            version=broadcast.version,
            status=broadcast.status,
            playback_url=live_address(broadcast.channel) if broadcast.is_on_air else "",
            pinned=pinned.product.code if pinned else None,
            pinned_at=broadcast.pinned_at.isoformat() if broadcast.pinned_at else None,
            started_at=broadcast.started_at.isoformat() if broadcast.started_at else None,
            ended_at=broadcast.ended_at.isoformat() if broadcast.ended_at else None,
            replay_ready=replay_ready,
        )


@dataclass(frozen=True, kw_only=True)
class ReplayReady:
    """The recording of an ended broadcast plays now."""

    type: ClassVar[str] = "broadcast.replay_ready"
    version: int


@dataclass(frozen=True, kw_only=True)
class StockChanged:
    """So many are left of a product (its code)."""

    type: ClassVar[str] = "stock.changed"
    version: int
    product: str
    left: int


@dataclass(frozen=True, kw_only=True)
class LivePriceChanged:
    """A product (its code) costs `live_price` won while the show is on the air; None: its usual price."""

    type: ClassVar[str] = "price.changed"
    version: int
    product: str
    live_price: int | None


@dataclass(frozen=True, kw_only=True)
class LineupChanged:
    """The products of the show (their codes) stand in this order now. `version` is the broadcast's."""

    type: ClassVar[str] = "lineup.changed"
    version: int
    products: list[str]
