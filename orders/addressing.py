"""Where a checkout goes, and what that changes in what it costs."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import DomainError
from orders.deals.discounts import discount_parts, platform_parts
from orders.models import Checkout, CouponClaim, Order, OrderLine, ShippingAddress
from orders.moves import lock_checkout
from orders.shipping import shipping_fee


class HoldOver(DomainError):
    """The time to pay is over, or the checkout was paid or ended otherwise."""

    code = "hold_over"


@transaction.atomic
def set_address(checkout_id: int, address: ShippingAddress) -> Checkout:
    """Send an open checkout there; what sending costs follows. Raises HoldOver."""
    checkout = lock_open(checkout_id)
    for name, value in asdict(address).items():
        setattr(checkout, name, value)
    recalculate(checkout)
    return checkout


def lock_open(checkout_id: int) -> Checkout:
    """Return a checkout that may still be changed, locked. Raises HoldOver."""
    checkout = lock_checkout(checkout_id)
    if not checkout.in_time(timezone.now()):
        raise HoldOver(_("결제 시간이 지났어요. 다시 주문해 주세요."))
    return checkout


def recalculate(checkout: Checkout) -> None:
    """Bring discounts, shipping and totals of a locked checkout and its orders in line, and save them.

    They follow from its address and its coupon. A coupon that it has keeps its discount, also when that ends
    meanwhile: it was promised.
    """
    lines: dict[int, list[OrderLine]] = {}
    all_lines = list(OrderLine.objects.filter(order__checkout=checkout).select_related("product__shipping"))
    for line in all_lines:
        lines.setdefault(line.order_id, []).append(line)
    orders = list(checkout.orders.order_by("pk"))
    if checkout.buyer_id is not None:  # guests have no coupons
        _discount(checkout, orders, all_lines)
    for order in orders:
        own = lines[order.pk]
        if order.deal != Product.Deal.DIRECT:  # handed over in person: nothing is sent
            order.shipping = shipping_fee(
                ((line.product.shipping, line.amount) for line in own), postcode=checkout.ship_postcode
            )
        order.total = order.goods + order.shipping - order.discount
        order.save(update_fields=["shipping", "discount", "platform_discount", "total"])
    checkout.shipping = sum(order.shipping for order in orders)
    checkout.discount = sum(order.discount for order in orders)
    checkout.total = checkout.goods + checkout.shipping - checkout.discount
    checkout.save()


def _discount(checkout: Checkout, orders: list[Order], lines: list[OrderLine]) -> None:
    """Share the discount of the checkout's coupon, or none, among its lines, which are saved, and its orders."""
    claim = CouponClaim.objects.filter(checkout=checkout).select_related("coupon").first()
    parts = discount_parts(claim, lines) if claim else [0] * len(lines)
    changed = []
    for line, part in zip(lines, parts, strict=True):
        if line.discount != part:
            line.discount = part
            changed.append(line)
    OrderLine.objects.bulk_update(changed, ["discount"])
    for order in orders:
        order.discount = sum(line.discount for line in lines if line.order_id == order.pk)
    borne = platform_parts(claim.coupon, [order.discount for order in orders]) if claim else [0] * len(orders)
    for order, part in zip(orders, borne, strict=True):
        order.platform_discount = part
