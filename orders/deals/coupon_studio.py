"""A seller's coupons: the list with numbers, a new one, ending one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from orders.deals.coupon_making import create_coupon
from orders.deals.coupon_making import stop_coupon as stop
from orders.deals.discounts import says
from orders.deals.forms import CouponForm
from orders.models import Checkout, Coupon

COUPONS_PER_PAGE = 20


@require_safe
@login_required
@never_cache
def coupons(request: MemberRequest) -> HttpResponse:
    paid = Q(claims__checkout__status=Checkout.Status.PAID)
    own = (
        Coupon.objects.filter(seller=request.user)
        .annotate(claimed=F("quantity") - F("left"), used=Count("claims", filter=paid))
        .order_by("-pk")
    )
    page = Paginator(own, COUPONS_PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    rows = [{"coupon": coupon, "says": says(coupon), "runs": coupon.counts_at(now)} for coupon in page]
    return render(request, "orders/deals/coupons.html", {"page": page, "rows": rows, "now": now})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def new_coupon(request: MemberRequest) -> HttpResponse:
    form = CouponForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _create(request, form):
        messages.success(request, _("쿠폰을 만들었어요. 방송 중 조정실에서 뿌리거나 코드를 알려 주세요."))
        return redirect("orders:coupons")
    return render(request, "orders/deals/new_coupon.html", {"form": form}, status=422 if form.errors else 200)


def _create(request: MemberRequest, form: CouponForm) -> bool:
    try:
        with transaction.atomic():
            create_coupon(request.user, **form.cleaned_data)
    except IntegrityError:  # somebody took the code a moment earlier, or this form was sent twice
        form.add_error("code", _("이미 있는 코드예요. 다른 코드를 적어 주세요."))
        return False
    return True


@require_POST
@login_required
@never_cache
def stop_coupon(request: MemberRequest, coupon: str) -> HttpResponse:
    own = get_object_or_404(Coupon, code=coupon.upper(), seller=request.user)
    if stop(own.pk):
        messages.success(request, _("쿠폰을 끝냈어요. 이제 받거나 쓸 수 없어요."))
    return redirect("orders:coupons")
