"""From what somebody wants to a hold: through the shed and the waiting room, then the one `take_hold`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.addresses import first_address
from accounts.models import Address, User
from catalog.models import Variant
from catalog.stock import OutOfStock
from common.errors import DomainError
from common.limits import too_often
from orders.admission import mark_sold_out
from orders.checkout.guests import remember
from orders.deals.coupons import use_again
from orders.holding import Wanted, take_hold
from orders.models import Checkout, ShippingAddress

HOLDS_A_MINUTE = 10


class TooOften(DomainError):
    """One person takes more holds than a buyer would."""

    code = "too_often"


def start_checkout(
    request: HttpRequest,
    wanted: Sequence[Wanted],
    *,
    key: UUID,
    from_cart: bool = False,
    before: Checkout | None = None,
) -> Checkout:
    """Take a hold for who asks. It goes to where the one `before` it went, or to a member's first address.
    The coupon of the one before comes along.

    So the price shown is whole from the first screen on.
    Raises TooOften and what `take_hold` raises.
    """
    buyer = member_of(request)
    if buyer is None and not request.session.session_key:
        request.session.create()
    who = f"m{buyer.pk}" if buyer else request.session.session_key
    if too_often("hold", who or "", most=HOLDS_A_MINUTE, seconds=60):
        raise TooOften(_("요청이 너무 잦아요. 잠시 뒤 다시 시도해 주세요."))
    try:
        email = before.email if before else ""
        address = address_for(buyer, before)
        checkout = take_hold(buyer, wanted, key=key, email=email, from_cart=from_cart, address=address)
    except OutOfStock as refusal:
        if refusal.left == 0:
            _mark(refusal.variant_id)
        raise
    if before is not None:
        use_again(checkout, before)
    if buyer is None:
        remember(request, checkout)
    return checkout


def address_for(buyer: User | None, before: Checkout | None) -> ShippingAddress | None:
    """Return where a new hold goes: where the one before it went, else to a member's first address, if there is one."""
    if before and before.ship_address:
        return before.address
    first = first_address(buyer) if buyer else None
    return shipping_address(first) if first else None


def member_of(request: HttpRequest) -> User | None:
    """Return the member who asks; None for a guest."""
    return request.user if request.user.is_authenticated else None


def shipping_address(address: Address) -> ShippingAddress:
    """Return an address of the book under the names of the checkout's columns."""
    return ShippingAddress(
        ship_name=address.name,
        ship_phone=address.phone,
        ship_postcode=address.postcode,
        ship_address=address.address,
        ship_address_detail=address.address_detail,
    )


def wanted_again(checkout: Checkout, prices: Mapping[str, int]) -> list[Wanted]:
    """Return what a checkout held, to be held anew; `prices` are those accepted since, {variant code: won}."""
    return [
        Wanted(
            variant_id=line.variant_id,
            quantity=line.quantity,
            seen_price=prices.get(line.variant.code, line.unit_price),
            broadcast_id=line.broadcast_id,
        )
        for order in checkout.orders.all()
        for line in order.lines.select_related("variant")
    ]


def _mark(variant_id: int) -> None:
    mark_sold_out(variant_id, Variant.objects.values_list("code", flat=True).get(pk=variant_id))
