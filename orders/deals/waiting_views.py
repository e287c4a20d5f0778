"""The small part of a product's page that lines members up for a sold-out variant."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from catalog.models import Variant
from common.errors import DomainError
from common.limits import too_often
from orders.deals import waiting as queue

JOINS_A_MINUTE = 20


@require_safe
@never_cache
def waiting(request: HttpRequest, variant: str) -> HttpResponse:
    """Where the member stands in the queue; a guest is asked to sign in."""
    return _slot(request, _variant(variant))


@require_POST
@login_required
@never_cache
def join_queue(request: MemberRequest, variant: str) -> HttpResponse:
    wanted = _variant(variant)
    if too_often("wait", request.user.pk, most=JOINS_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    try:
        queue.join(request.user, wanted)
    except DomainError as refusal:
        return _slot(request, wanted, error=refusal.message)
    return _slot(request, wanted)


@require_POST
@login_required
@never_cache
def leave_queue(request: MemberRequest, variant: str) -> HttpResponse:
    wanted = _variant(variant)
    queue.leave(request.user, wanted)
    return _slot(request, wanted)


def _variant(code: str) -> Variant:
    variant = Variant.objects.select_related("product", "stock").filter(code=code, active=True).first()
    if variant is None:
        raise Http404
    return variant


def _slot(request: HttpRequest, variant: Variant, *, error: str = "") -> HttpResponse:
    place = queue.own_place(request.user, variant) if request.user.is_authenticated else None
    context = {
        "variant": variant,
        "sold_out": variant.stock.left == 0,
        "place": place,
        "number": queue.place_in_line(place) if place else 0,
        "error": error,
        "next": _page(request, variant),
    }
    return render(request, "orders/deals/_waiting.html", context, status=409 if error else 200)


def _page(request: HttpRequest, variant: Variant) -> str:
    """The path of the page that this is a part of: where signing in leads back to."""
    shown_in = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return shown_in or reverse("catalog:product", args=[variant.product.code])
