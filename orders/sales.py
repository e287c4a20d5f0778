"""Pages for the seller: what was sold, in all and in one show."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from orders.models import Order

SALES_PER_PAGE = 20
RECENT = 5


@require_safe
@login_required
@never_cache
def sales(request: MemberRequest) -> HttpResponse:
    sold = Order.objects.filter(seller=request.user).sold()
    page = Paginator(sold.for_cards(), SALES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/sales.html", {"page": page, "totals": sold.totals()})


@require_safe
@login_required
@never_cache
def broadcast_sales(request: MemberRequest, code: str) -> HttpResponse:
    """The show's sales so far; the control room asks every few seconds."""
    sold = Order.objects.filter(broadcast=get_own_broadcast(request.user, code)).sold()
    context = {**sold.totals(), "recent": sold.for_cards()[:RECENT]}
    return render(request, "orders/_broadcast_sales.html", context)
