"""What a guest's browser may see: the codes of its checkouts, in the session."""

from django.http import HttpRequest

from orders.access import GUEST_CHECKOUTS
from orders.models import CartLine, Checkout, OrderLine

REMEMBERED = 20


def remember(request: HttpRequest, checkout: Checkout) -> None:
    """Let this browser see a guest's checkout from now on; the oldest of many are forgotten."""
    codes = [code for code in request.session.get(GUEST_CHECKOUTS, []) if code != checkout.code]
    request.session[GUEST_CHECKOUTS] = [*codes, checkout.code][-REMEMBERED:]


def empty_cart(token: str, checkout: Checkout) -> None:
    """Take what a guest bought out of the guest's cart; what went in after the checkout began stays.

    A member's cart is emptied in the transaction of the payment. Of a guest's only the browser knows, which comes
    back later and may come twice.
    """
    if not (token and checkout.from_cart and checkout.buyer_id is None):
        return
    bought = OrderLine.objects.filter(order__checkout=checkout).values("variant")
    CartLine.objects.filter(
        cart__token=token, cart__member=None, variant__in=bought, added_at__lt=checkout.created_at
    ).delete()
