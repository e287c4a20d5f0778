"""The only way from a request to an order for who sold it."""

from django.http import Http404

from accounts.models import User
from orders.models import Claim, Dispute, Order


def get_order_of_seller(seller: User, code: str) -> Order:
    """Return a paid order of the seller; before that the buyer's address is none of their business. 404 otherwise."""
    order = Order.objects.sold().for_cards().filter(seller=seller, code=code).first()
    if order is None:
        raise Http404
    return order


def get_claim_of_seller(seller: User, code: str) -> Claim:
    """Return a claim about an order of the seller; 404 otherwise."""
    claim = Claim.objects.select_related("order").filter(order__seller=seller, code=code).first()
    if claim is None:
        raise Http404
    return claim


def get_dispute_of_seller(seller: User, code: str) -> Dispute:
    """Return a dispute about an order of the seller; 404 otherwise."""
    dispute = Dispute.objects.select_related("order").filter(order__seller=seller, code=code).first()
    if dispute is None:
        raise Http404
    return dispute
