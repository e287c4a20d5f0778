"""A guest's cart is found by a signed cookie, made only once something is put in."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orders.models import Cart

COOKIE = "cart"
KEPT = timedelta(days=30)


def token_in(request: HttpRequest) -> str:
    """Return the token that the browser's cookie carries, "" without one or when somebody changed it."""
    return request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=KEPT) or ""


def remember(response: HttpResponse, cart: Cart) -> None:
    """Let a guest's browser find its cart again; a member's is found by who they are."""
    if cart.member_id is not None:
        return
    response.set_signed_cookie(
        COOKIE,
        cart.token,
        salt=COOKIE,
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
