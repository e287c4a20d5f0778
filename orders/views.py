"""Pages for the buyer: what was bought."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from common.htmx import is_partial
from orders.access import get_order_for
from orders.models import Order, Refund
from orders.paying import catch_up

ORDERS_PER_PAGE = 20


@require_safe
@login_required
@never_cache
def receipt(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_for(request.user, code)
    if order.is_placed:
        _catch_up(order)
    return _receipt(request, order)


def _receipt(request: MemberRequest, order: Order) -> HttpResponse:
    template = "orders/_receipt.html" if is_partial(request) else "orders/receipt.html"
    return render(request, template, _with_refund(order))


def _with_refund(order: Order) -> dict[str, Any]:
    return {"order": order, "refund": Refund.objects.filter(payment__checkout=order.checkout_id).first()}


def _catch_up(order: Order) -> None:
    catch_up(order.checkout)
    order.refresh_from_db()


@require_safe
@login_required
@never_cache
def history(request: MemberRequest) -> HttpResponse:
    own = Order.objects.for_cards().filter(buyer=request.user).order_by("-created_at")
    page = Paginator(own, ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page})
