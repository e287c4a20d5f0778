"""How many different things are in the cart, for the icon on every page: one indexed query, none for most guests."""

from django.http import HttpRequest

from common.prepared import Prepared
from orders.cart.cookie import token_in
from orders.models import CartLine


def note_count(request: HttpRequest, count: int) -> None:
    """Say what a page knows already, so that its header does not ask again."""
    request.META[_NOTED] = count


def count_in_cart(request: HttpRequest) -> int:
    if (noted := request.META.get(_NOTED)) is not None:
        return int(noted)
    if request.user.is_authenticated:
        return len(_of_member.rows(request.user.pk))
    token = token_in(request)
    return len(_of_guest.rows(token)) if token else 0


_NOTED = "orders.in_cart"
_lines = CartLine.objects.only("pk").order_by()
_of_member = Prepared(lambda member: _lines.filter(cart__member=member))
_of_guest = Prepared(lambda token: _lines.filter(cart__token=token, cart__member=None))
