"""What signing in means for the cart; connected in `orders.apps`."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from orders.cart.actions import merge
from orders.cart.cookie import token_in
from orders.models import Cart


def merge_at_sign_in(*, request: HttpRequest, user: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
    """Answer `user_logged_in`: what was collected as a guest joins the member's cart."""
    token = token_in(request)
    guest_cart = Cart.objects.filter(member=None, token=token).first() if token else None
    if guest_cart:
        merge(guest_cart, user)
