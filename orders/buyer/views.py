"""What was bought: the list, one order with all that can be done about it, and its card of evidence."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from common.errors import DomainError, IllegalMove
from orders.buyer.access import get_order_of_buyer, member_of
from orders.buyer.order_page import evidence_of_page, page_of
from orders.confirming import confirm_order
from orders.models import Order
from orders.paying import catch_up

ORDERS_PER_PAGE = 20


@require_safe
@login_required
@never_cache
def history(request: MemberRequest) -> HttpResponse:
    own = Order.objects.for_cards().filter(buyer=request.user).order_by("-created_at")
    page = Paginator(own, ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/buyer/history.html", {"page": page})


@require_safe
@never_cache
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The order, for its buyer. Its seller is led to the seller's page, and a guest who is not known to the look-up."""
    try:
        order = get_order_of_buyer(request, code)
    except Http404:
        if not request.user.is_authenticated:
            return redirect(f"{reverse('orders:find')}?{urlencode({'order': code})}")
        if Order.objects.sold().filter(code=code, seller=request.user.pk).exists():
            return redirect("orders:selling_order", code)
        raise
    if order.is_placed:
        catch_up(order.checkout)
        order.refresh_from_db()
    return render(request, "orders/buyer/order.html", page_of(order))


@require_POST
@never_cache
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """The buyer keeps it."""
    order = get_order_of_buyer(request, code)
    try:
        confirm_order(order.pk, by=member_of(request))
    except IllegalMove:
        messages.error(request, _("지금은 구매를 확정할 수 없어요. 주문 상태를 다시 확인해 주세요."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("구매를 확정했어요. 판매자에게 대금을 보내 드릴게요."))
    return redirect("orders:receipt", code)


@require_safe
@never_cache
def evidence(request: HttpRequest, code: str) -> HttpResponse:
    """The card as a page to read or to print."""
    order = get_order_of_buyer(request, code)
    context = evidence_of_page(order)
    if context["evidence"] is None:
        raise Http404
    return render(request, "orders/buyer/evidence.html", context | {"order": order})


@require_safe
@never_cache
def evidence_file(request: HttpRequest, code: str) -> HttpResponse:
    """The card and its digest as a file to keep."""
    order = get_order_of_buyer(request, code)
    found = evidence_of_page(order)["evidence"]
    if found is None:
        raise Http404
    text = json.dumps({"card": found.card, "sha256": found.digest}, ensure_ascii=False, indent=2)
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{order.code}.json"'},
    )
