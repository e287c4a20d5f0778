"""What somebody who enters a room needs to know of its deals and coupons."""

from django.utils import timezone

from broadcasts.models import Broadcast
from orders.deals.coupon_making import dropped_in
from orders.deals.discounts import says
from orders.deals.events import CouponDropped, DealStarted
from orders.deals.flash import open_deals


def deals_of(broadcast: Broadcast) -> list[DealStarted]:
    """Return the deals that run or are to come, the one set last of a product last. One query."""
    deals = open_deals(timezone.now()).filter(item__broadcast=broadcast).order_by("created_at", "pk")
    return [DealStarted.of(deal) for deal in deals]


def coupon_of(broadcast: Broadcast) -> CouponDropped | None:
    """Return the coupon that viewers may claim now. One query while the show is on the air."""
    coupon = dropped_in(broadcast, timezone.now())
    if coupon is None:
        return None
    return CouponDropped.of(coupon, version=broadcast.version, says=says(coupon))
