"""Pages for the seller: my advertisements, a new one, the days of one."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from common.errors import DomainError
from orders.ads.actions import buy_place, room_for_ads, stop_ad
from orders.ads.forms import AdForm
from orders.models import Ad

ADS_PER_PAGE = 20
DAYS_PER_PAGE = 31


@require_safe
@login_required
@never_cache
def ads(request: MemberRequest) -> HttpResponse:
    own = (
        Ad.objects.filter(seller=request.user)
        .select_related("product", "category")
        .annotate(seen=Sum("days__impressions"), clicked=Sum("days__clicks"))
        .order_by("-pk")  # sums over groups forget the model's own order
    )
    page = Paginator(own, ADS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/ads/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def new_ad(request: MemberRequest) -> HttpResponse:
    if request.method == "POST":
        form = AdForm(request.POST, seller=request.user)
        if form.is_valid():
            try:
                ad = buy_place(form.cleaned_data["product"], **form.place_values())
            except DomainError as refusal:
                form.add_error("budget", refusal.message)
            else:
                messages.success(request, _("광고를 만들었어요."))
                return redirect("orders:ad", ad.code)
    else:
        now = timezone.now().replace(second=0, microsecond=0)
        form = AdForm(initial={"starts_at": now, "ends_at": now + timedelta(days=7)}, seller=request.user)
    return render(request, "orders/ads/form.html", {"form": form, "room": room_for_ads(request.user)})


@require_safe
@login_required
@never_cache
def ad(request: MemberRequest, code: str) -> HttpResponse:
    own = get_own_ad(request.user, code)
    page = Paginator(own.days.all(), DAYS_PER_PAGE).get_page(request.GET.get("page"))
    sums = own.days.aggregate(impressions=Sum("impressions"), clicks=Sum("clicks"))
    return render(request, "orders/ads/detail.html", {"ad": own, "page": page, "sums": sums})


@require_POST
@login_required
def stop(request: MemberRequest, code: str) -> HttpResponse:
    if stop_ad(get_own_ad(request.user, code)):
        messages.success(request, _("광고를 멈췄어요."))
    return redirect("orders:ad", code)


def get_own_ad(user: User, code: str) -> Ad:
    """Return an advertisement for its seller; 404 for everybody else."""
    own = Ad.objects.select_related("product", "category").filter(code=code, seller=user).first()
    if own is None:
        raise Http404
    return own
