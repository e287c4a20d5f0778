"""The first answer in a rush: what is sold out is said before anything reads a session or the database."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from common.htmx import is_partial
from orders.admission import any_sold_out

Handler = Callable[[HttpRequest], HttpResponseBase]


def answer_sold_out(get_response: Handler) -> Handler:
    """Answer who wants to buy what was sold out a moment ago; everything else goes on to its view."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        sold_out = _sold_out(request) if _asks_to_buy(request) else None
        return sold_out or get_response(request)

    return answer


def _asks_to_buy(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path_info == start_path()


@cache
def start_path() -> str:
    """Where one asks to buy."""
    return reverse("orders:buy_now")


def _sold_out(request: HttpRequest) -> HttpResponse | None:
    if not any_sold_out([request.POST.get("variant", "")]):
        return None
    template = "orders/checkout/_sold_out.html" if is_partial(request) else "orders/checkout/sold_out.html"
    page = _page(template, get_language())
    return HttpResponse(page, status=409, headers={"Cache-Control": "no-store"})


@cache
def _page(template: str, language: str) -> str:
    """Render once: it is the same for everybody. Without a request, as a context processor might read the session."""
    return render_to_string(template)
