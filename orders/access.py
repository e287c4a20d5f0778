"""The only ways from a request to what is bought: each says who may."""

from django.http import Http404, HttpRequest

from accounts.models import User
from broadcasts.models import LineupItem
from orders.models import Checkout, Order

GUEST_CHECKOUTS = "checkouts"
"""Where a guest's session keeps the codes of the checkouts it may see."""


def get_item_to_buy(broadcast_code: str, product_code: str) -> LineupItem:
    """Return a product of a show, for anybody; 404 if it is not in its line-up."""
    items = LineupItem.objects.with_products().select_related("broadcast").prefetch_related("deals")
    item = items.filter(broadcast__code=broadcast_code, product__code=product_code).first()
    if item is None:
        raise Http404
    return item


def get_own_checkout(request: HttpRequest, code: str) -> Checkout:
    """Return a checkout for who made it: the member, or the guest whose session knows it. 404 for everybody else."""
    checkout = Checkout.objects.select_related("buyer").filter(code=code).first()
    if checkout is None or not _is_own(request, checkout):
        raise Http404
    return checkout


def _is_own(request: HttpRequest, checkout: Checkout) -> bool:
    if checkout.buyer_id is not None:
        return checkout.buyer_id == request.user.pk
    return checkout.code in request.session.get(GUEST_CHECKOUTS, [])


def get_order_for(user: User, code: str) -> Order:
    """Return an order for its buyer, or, once it is paid, for its seller; 404 for everybody else.

    Before that the buyer's address is none of the seller's business.
    """
    order = Order.objects.for_cards().filter(code=code).first()
    if order is None or not (order.buyer_id == user.pk or (order.seller_id == user.pk and order.paid_at)):
        raise Http404
    return order


def get_own_order(user: User, code: str) -> Order:
    """Return an order for its buyer; 404 for everybody else."""
    order = Order.objects.for_cards().filter(code=code, buyer=user).first()
    if order is None:
        raise Http404
    return order
