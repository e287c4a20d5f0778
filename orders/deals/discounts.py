"""What a coupon takes off, and off which lines: sums only, nothing is written."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.templatetags.money import won
from orders.models import Coupon, CouponClaim, OrderLine
from orders.sharing import basis_points, share

LEAST_TO_PAY = 100
"""Won of the goods a coupon is for that stay to be paid: no payment provider takes less than this."""


def discount_of(coupon: Coupon, lines: Sequence[OrderLine]) -> int:
    """Return the won a coupon takes off these lines; 0 if it is not for them or its minimum is not reached.

    Select `product` with the lines: this reads it.
    """
    goods = sum(_weights(coupon, lines))
    if not goods or goods < coupon.minimum:
        return 0
    if coupon.amount is not None:
        wanted = coupon.amount
    else:
        wanted = basis_points(goods, 100 * (coupon.percent or 0))
        wanted = wanted if coupon.at_most is None else min(wanted, coupon.at_most)
    return max(0, min(wanted, goods - LEAST_TO_PAY))


def discount_parts(claim: CouponClaim, lines: Sequence[OrderLine]) -> list[int]:
    """Return each line's share of the discount in won, in the order of the lines. They add up to the discount.

    Select `coupon` with the claim and `product` with the lines: this reads them.
    """
    if not lines:
        return []
    return share(discount_of(claim.coupon, lines), _weights(claim.coupon, lines))


def platform_parts(coupon: Coupon, discounts: Sequence[int]) -> list[int]:
    """Return which part of each order's discount (won) the platform bears; none is larger than the discount."""
    whole = basis_points(sum(discounts), 100 * coupon.platform_share)
    return share(whole, discounts)


def says(coupon: Coupon) -> str:
    """Return the discount in words: "3,000원 할인", "10% 할인 (최대 5,000원)"."""
    if coupon.amount is not None:
        return _("%(won)s 할인") % {"won": won(coupon.amount)}
    if coupon.at_most is None:
        return _("%(percent)d%% 할인") % {"percent": coupon.percent}
    return _("%(percent)d%% 할인 (최대 %(most)s)") % {"percent": coupon.percent, "most": won(coupon.at_most)}


def _weights(coupon: Coupon, lines: Sequence[OrderLine]) -> list[int]:
    """Each line's amount if the coupon is for it: the seller's own goods, or everything."""
    return [line.amount if coupon.seller_id in (None, line.product.seller_id) else 0 for line in lines]
