"""The seller's orders: lists by what there is to do, one order, what was sold, and the slips to pack by."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from catalog.models import Product
from orders.buyer.forms import ParcelForm
from orders.models import Claim, Dispute, Order
from orders.selling.access import get_order_of_seller
from orders.selling.forms import RefundForm
from orders.selling.lists import TABS, counts_of, orders_in, to_send
from orders.selling.order_page import page_of

ORDERS_PER_PAGE = 20
SLIPS = 100
RECENT = 5


@require_safe
@login_required
@never_cache
def selling(request: MemberRequest) -> HttpResponse:
    asked = request.GET.get("status", "")
    tab = asked if asked in TABS else ""
    page = Paginator(orders_in(request.user, tab).for_cards(), ORDERS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    counts = counts_of(request.user)
    context = {
        "page": page,
        "tab": tab,
        "tabs": [(name, one.label, counts.get(name)) for name, one in TABS.items()],
        "waiting": to_send(request.user).count(),
    }
    return render(request, "orders/selling/list.html", context)


@require_safe
@login_required
@never_cache
def selling_order(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_of_seller(request.user, code)
    forms = {"ship_form": ParcelForm.showing(order), "refund_form": RefundForm(order=order)}
    return render(request, "orders/selling/order.html", page_of(order) | forms)


@require_safe
@login_required
@never_cache
def packing(request: MemberRequest) -> HttpResponse:
    """Slips to print: of one order (`?order=`), or of everything that waits, the oldest first.

    What is handed over in person has none: nothing is packed, and it goes to no address.
    """
    if code := request.GET.get("order"):
        one = get_order_of_seller(request.user, code)
        orders = [] if one.deal == Product.Deal.DIRECT else [one]
    else:
        orders = list(to_send(request.user).for_cards()[:SLIPS])
    return render(request, "orders/selling/packing.html", {"orders": orders, "most": SLIPS})


@require_safe
@login_required
@never_cache
def sales(request: MemberRequest) -> HttpResponse:
    """What was sold in all."""
    sold = Order.objects.filter(seller=request.user).sold()
    page = Paginator(sold.for_cards(), ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "totals": sold.totals(),
        "claims": Claim.objects.filter(order__seller=request.user, status=Claim.Status.ASKED).count(),
        "disputes": Dispute.objects.filter(order__seller=request.user, status=Dispute.Status.OPEN).count(),
    }
    return render(request, "orders/sales.html", context)


@require_safe
@login_required
@never_cache
def broadcast_sales(request: MemberRequest, code: str) -> HttpResponse:
    """The show's newest orders; the control room asks every few seconds, and for their sums elsewhere."""
    sold = Order.objects.filter(broadcast=get_own_broadcast(request.user, code)).sold()
    context = {"recent": sold.for_cards()[:RECENT]}
    return render(request, "orders/_broadcast_sales.html", context)
