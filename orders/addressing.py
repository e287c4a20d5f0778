"""Where a checkout goes, and what that changes in what it costs."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import DomainError
from orders.models import Checkout, OrderLine, ShippingAddress
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
    """Bring shipping and totals of a locked checkout and its orders in line with its address, and save them."""
    lines: dict[int, list[OrderLine]] = {}
    for line in OrderLine.objects.filter(order__checkout=checkout).select_related("product__shipping"):
        lines.setdefault(line.order_id, []).append(line)
    orders = list(checkout.orders.order_by("pk"))
    for order in orders:
        own = lines[order.pk]
        if order.deal != Product.Deal.DIRECT:  # handed over in person: nothing is sent
            order.shipping = shipping_fee(
                ((line.product.shipping, line.amount) for line in own), postcode=checkout.ship_postcode
            )
        order.total = order.goods + order.shipping - order.discount
        order.save(update_fields=["shipping", "total"])
    checkout.shipping = sum(order.shipping for order in orders)
    checkout.discount = sum(order.discount for order in orders)
    checkout.total = checkout.goods + checkout.shipping - checkout.discount
    checkout.save()
