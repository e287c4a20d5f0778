"""Where a checkout goes, and what that changes in what it costs."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import DomainError
from common.prepared import Prepared, update
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
    _add_up(checkout, _lines.rows(checkout.pk), *asdict(address))
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
    lines = _lines.rows(checkout.pk)
    if checkout.buyer_id is not None:  # guests have no coupons
        _discount(checkout, lines)
    _add_up(checkout, lines, "coupon")


_lines = Prepared(
    lambda checkout: (
        OrderLine.objects.filter(order__checkout=checkout)
        .select_related("order", "product__shipping")
        .order_by("pk")
    )
)


def _discount(checkout: Checkout, lines: Sequence[OrderLine]) -> None:
    """Share the discount of the checkout's coupon, or none, among its lines and their orders, and save the shares."""
    claim = CouponClaim.objects.filter(checkout=checkout).select_related("coupon").first()
    checkout.coupon = claim.coupon if claim else None
    parts = discount_parts(claim, lines) if claim else [0] * len(lines)
    changed = [line for line, part in zip(lines, parts, strict=True) if line.discount != part]
    for line, part in zip(lines, parts, strict=True):
        line.discount = part
    OrderLine.objects.bulk_update(changed, ["discount"])
    orders = _by_order(lines)
    discounts = [sum(line.discount for line in own) for _order, own in orders]
    borne = platform_parts(claim.coupon, discounts) if claim else [0] * len(orders)
    for (order, _own), discount, part in zip(orders, discounts, borne, strict=True):
        order.discount, order.platform_discount = discount, part


def _add_up(checkout: Checkout, lines: Sequence[OrderLine], *changed: str) -> None:
    """Save what sending costs by now, the totals, and what else of the checkout `changed`; discounts are right."""
    orders = _by_order(lines)
    for order, own in orders:
        if order.deal != Product.Deal.DIRECT:  # handed over in person: nothing is sent
            order.shipping = shipping_fee(
                ((line.product.shipping, line.amount) for line in own), postcode=checkout.ship_postcode
            )
        order.total = order.goods + order.shipping - order.discount
        update(order, "shipping", "discount", "platform_discount", "total")
    checkout.shipping = sum(order.shipping for order, _own in orders)
    checkout.discount = sum(order.discount for order, _own in orders)
    checkout.total = checkout.goods + checkout.shipping - checkout.discount
    update(checkout, "shipping", "discount", "total", *changed)


def _by_order(lines: Sequence[OrderLine]) -> list[tuple[Order, list[OrderLine]]]:
    """Return each order, in the order of their ids, with its lines. An order is the one its first line has."""
    found: dict[int, tuple[Order, list[OrderLine]]] = {}
    for line in lines:
        found.setdefault(line.order_id, (line.order, []))[1].append(line)
    return [found[pk] for pk in sorted(found)]
