"""The part of the control room where the seller starts and ends deals and drops coupons."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import MemberRequest
from broadcasts.access import get_own_broadcast
from broadcasts.live_price import BadPrice
from broadcasts.models import Broadcast, LineupItem
from common.errors import DomainError
from common.htmx import is_partial
from orders.deals import coupon_making, flash
from orders.deals.discounts import says
from orders.deals.forms import FlashDealForm
from orders.models import Coupon, FlashDeal

COUPONS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Row:
    """A product of the line-up, its deal if it has one, and the form for another."""

    item: LineupItem
    deal: FlashDeal | None
    form: FlashDealForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def deals(request: MemberRequest, broadcast: str) -> HttpResponse:
    """The deals of a show; a POST starts one."""
    show = get_own_broadcast(request.user, broadcast)
    if request.method != "POST":
        return _panel(request, show)
    item = _item(show, request.POST.get("product", ""))
    form = _form(item, request.POST)
    if form.is_valid():
        try:
            flash.start_deal(item.pk, by=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error("price" if isinstance(refusal, BadPrice) else None, refusal.message)
    if form.errors:
        return _panel(request, show, bad=(item, form), status=422)
    return _done(request, show)


@require_POST
@login_required
@never_cache
def stop_deal(request: MemberRequest, broadcast: str, product: str) -> HttpResponse:
    show = get_own_broadcast(request.user, broadcast)
    flash.stop_deal(_item(show, product).pk, by=request.user)
    return _done(request, show)


@require_POST
@login_required
@never_cache
def drop_coupon(request: MemberRequest, broadcast: str, coupon: str) -> HttpResponse:
    show = get_own_broadcast(request.user, broadcast)
    own = get_object_or_404(Coupon, code=coupon.upper(), seller=request.user)
    try:
        coupon_making.drop_coupon(own.pk, show.pk, by=request.user)
    except coupon_making.NothingToDrop as refusal:
        return _panel(request, show, error=refusal.message, status=409)
    return _done(request, show, dropped=own)


def _item(show: Broadcast, product: str) -> LineupItem:
    item = next((item for item in show.lineup.all() if item.product.code == product), None)
    if item is None:
        raise Http404
    return item


def _form(item: LineupItem, data: Any = None) -> FlashDealForm:  # noqa: ANN401 QueryDict
    return FlashDealForm(data, auto_id=f"deal-{item.product.code}-%s")


def _done(request: MemberRequest, show: Broadcast, *, dropped: Coupon | None = None) -> HttpResponse:
    if not is_partial(request):
        return redirect("orders:deals", show.code)
    return _panel(request, show, dropped=dropped)


def _panel(
    request: MemberRequest,
    show: Broadcast,
    *,
    bad: tuple[LineupItem, FlashDealForm] | None = None,
    error: str = "",
    dropped: Coupon | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    open_deals = {deal.item_id: deal for deal in flash.open_deals(now).filter(item__broadcast=show)}
    context = {
        "broadcast": show,
        "error": error,
        "dropped": dropped,
        "now": now,
        "rows": [
            Row(
                item=item,
                deal=open_deals.get(item.pk),
                form=bad[1] if bad and bad[0] == item else _form(item),
            )
            for item in show.lineup.all()
        ],
        "coupons": [
            (coupon, says(coupon))
            for coupon in Coupon.objects.filter(
                seller=request.user, stopped_at=None, left__gt=0, starts_at__lte=now, ends_at__gt=now
            ).order_by("-pk")[:COUPONS_SHOWN]
        ],
        "may_start": show.status not in (Broadcast.Status.ENDED, Broadcast.Status.CANCELLED),
    }
    template = "orders/deals/_panel.html" if is_partial(request) else "orders/deals/panel.html"
    return render(request, template, context, status=status)
