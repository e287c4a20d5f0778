"""The only way from a request to an order for who bought it."""

from typing import TypeVar

from django.http import Http404, HttpRequest

from accounts.models import User
from orders.access import GUEST_CHECKOUTS
from orders.models import Claim, Dispute, Order

Row = TypeVar("Row")


def get_order_of_buyer(request: HttpRequest, code: str) -> Order:
    """Return an order for the member who made it, or for the guest whose session knows it. 404 for everybody else."""
    order = Order.objects.for_cards().filter(code=code).first()
    if order is None or not _is_own(request, order):
        raise Http404
    return order


def get_claim_of_buyer(request: HttpRequest, code: str, claim: str) -> Claim:
    """Return a claim of such an order."""
    return _one(Claim.objects.filter(order=get_order_of_buyer(request, code), code=claim).first())


def get_dispute_of_buyer(request: HttpRequest, code: str, dispute: str) -> Dispute:
    """Return a dispute about such an order."""
    order = get_order_of_buyer(request, code)
    found = _one(Dispute.objects.filter(order=order, code=dispute).first())
    found.order = order
    return found


def member_of(request: HttpRequest) -> User | None:
    """Return who asks; None is a guest."""
    return request.user if request.user.is_authenticated else None


def _is_own(request: HttpRequest, order: Order) -> bool:
    if order.buyer_id is not None:
        return order.buyer_id == request.user.pk
    return order.checkout.code in request.session.get(GUEST_CHECKOUTS, [])


def _one(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row
