"""The only ways from a request to an offer or a hand-over: each says who may, and on which side they stand."""

from django.http import Http404, HttpRequest

from accounts.models import User
from catalog.models import Product
from orders.access import GUEST_CHECKOUTS
from orders.models import Offer, Order


def get_product_to_offer_on(code: str) -> Product:
    """Return a product, for anybody; 404 if there is none."""
    product = Product.objects.for_cards().filter(code=code).first()
    if product is None:
        raise Http404
    return product


def get_offer_for(user: User, code: str) -> tuple[Offer, str]:
    """Return an offer and the side its reader is on, buyer or seller. 404 for everybody else."""
    offers = Offer.objects.select_related("buyer", "variant__product__seller", "variant__stock", "checkout")
    offer = offers.filter(code=code).first()
    if offer is not None and offer.buyer_id == user.pk:
        return offer, Offer.Side.BUYER
    if offer is not None and offer.variant.product.seller_id == user.pk:
        return offer, Offer.Side.SELLER
    raise Http404


def get_own_offer(user: User, code: str) -> Offer:
    """Return an offer for its buyer; 404 for everybody else."""
    offer, side = get_offer_for(user, code)
    if side != Offer.Side.BUYER:
        raise Http404
    return offer


def get_deal_for(request: HttpRequest, code: str) -> tuple[Order, str]:
    """Return a paid order that is handed over in person and the side its reader is on.

    The buyer is a member, or the guest whose session knows the checkout. 404 for everybody else.
    """
    orders = Order.objects.for_cards().filter(code=code, deal=Product.Deal.DIRECT, paid_at__isnull=False)
    order = orders.first()
    if order is None:
        raise Http404
    if order.seller_id == request.user.pk:
        return order, Offer.Side.SELLER
    if order.buyer_id is None and order.checkout.code in request.session.get(GUEST_CHECKOUTS, []):
        return order, Offer.Side.BUYER
    if order.buyer_id is not None and order.buyer_id == request.user.pk:
        return order, Offer.Side.BUYER
    raise Http404
