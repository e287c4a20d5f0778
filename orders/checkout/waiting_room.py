"""The page of who has to wait: it keeps what was asked for and asks again by itself."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.codes import new_secret
from common.htmx import is_partial
from orders.admission import ask_to_enter
from orders.checkout.starting import member_of

PLACE_COOKIE = "place"
KEPT = timedelta(minutes=30)


def place_in_line(request: HttpRequest) -> HttpResponse | None:
    """Return the waiting page for a POST that has to wait, None for one that may go on.

    A member keeps the place on every device; a guest by a signed cookie, also across reloads.
    """
    member = member_of(request)
    place = request.get_signed_cookie(PLACE_COOKIE, default="", salt=PLACE_COOKIE, max_age=KEPT)
    guest = place or new_secret()
    position = ask_to_enter(f"m{member.pk}" if member else f"g{guest}")
    if not position:
        return None
    asked = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "position": position,
        "action": request.path,
        "asked": [(name, value) for name, value in asked if name != "csrfmiddlewaretoken"],
        "step": "orders/checkout/_waiting_room.html",
        "sheet": is_partial(request),
    }
    template = "orders/checkout/_waiting_room.html" if is_partial(request) else "orders/checkout/page.html"
    response = render(request, template, context)
    if member is None:
        response.set_signed_cookie(
            PLACE_COOKIE,
            guest,
            salt=PLACE_COOKIE,
            max_age=KEPT,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
