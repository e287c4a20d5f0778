"""What a live room hears of its deals and coupons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from common.events import send_on_commit
from orders.models import Coupon, FlashDeal


@dataclass(frozen=True, kw_only=True)
class DealStarted:
    """A product (its code) has a deal, which may begin later. Moments are ISO 8601; `left` is None without a limit.

    Of a product's deals the one with the latest `set_at` counts; `version` orders the news of one deal.
    """

    type: ClassVar[str] = "deal.started"
    version: int
    product: str
    set_at: str
    price: int
    starts_at: str
    ends_at: str
    left: int | None
    per_member: int | None

    @classmethod
    def of(cls, deal: FlashDeal) -> "DealStarted":
        """Select `item__product` with the deal: this reads them."""
        return cls(
            version=deal.version,
            product=deal.item.product.code,
            set_at=deal.created_at.isoformat(),
            price=deal.price,
            starts_at=deal.starts_at.isoformat(),
            ends_at=deal.ends_at.isoformat(),
            left=deal.left,
            per_member=deal.per_member,
        )


@dataclass(frozen=True, kw_only=True)
class DealChanged:
    """So many are left at the deal's price."""

    type: ClassVar[str] = "deal.changed"
    version: int
    product: str
    set_at: str
    left: int


@dataclass(frozen=True, kw_only=True)
class DealEnded:
    """The seller ended the deal early. What ends by the clock is not told: browsers see it themselves."""

    type: ClassVar[str] = "deal.ended"
    version: int
    product: str
    set_at: str
    ended_at: str

    @classmethod
    def of(cls, deal: FlashDeal, *, at: datetime) -> "DealEnded":
        """Select `item__product` with the deal: this reads them."""
        return cls(
            version=deal.version,
            product=deal.item.product.code,
            set_at=deal.created_at.isoformat(),
            ended_at=at.isoformat(),
        )


@dataclass(frozen=True, kw_only=True)
class CouponDropped:
    """A coupon that viewers may claim now. `version` is the broadcast's; `says` is the discount in words."""

    type: ClassVar[str] = "coupon.dropped"
    version: int
    code: str
    name: str
    says: str
    ends_at: str

    @classmethod
    def of(cls, coupon: Coupon, *, version: int, says: str) -> "CouponDropped":
        return cls(
            version=version, code=coupon.code, name=coupon.name, says=says, ends_at=coupon.ends_at.isoformat()
        )


@dataclass(frozen=True, kw_only=True)
class WaitingOffered:
    """For one member's pages: a piece of a product (its name) is kept for them until then, in a checkout (its code)."""

    type: ClassVar[str] = "waiting.offered"
    checkout: str
    product: str
    until: str


def tell_left_on_commit(deal_ids: Sequence[int]) -> None:
    """Tell the rooms how many are left of limited deals, as it stands after the commit."""
    if deal_ids:
        transaction.on_commit(lambda: _tell_left(deal_ids), robust=True)


def _tell_left(deal_ids: Sequence[int]) -> None:
    for deal in FlashDeal.objects.filter(pk__in=deal_ids, left__isnull=False).select_related(
        "item__broadcast", "item__product"
    ):
        event = DealChanged(
            version=deal.version,
            product=deal.item.product.code,
            set_at=deal.created_at.isoformat(),
            left=deal.left or 0,
        )
        send_on_commit(deal.item.broadcast.room, event)
