"""The only ways from a request to what is bought: each says who may."""

from django.http import Http404, HttpRequest

from broadcasts.models import LineupItem
from orders.models import Checkout

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
