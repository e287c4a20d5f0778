"""A member's coupons: the list, the code, the button in a show, and the choice at the checkout."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import MemberRequest
from common.errors import DomainError
from common.limits import too_often
from orders.access import get_own_checkout
from orders.deals.coupons import CouponClaimed, apply_coupon, claim_coupon, remove_coupon
from orders.deals.discounts import says
from orders.deals.forms import CouponCodeForm
from orders.models import Checkout, CouponClaim

COUPONS_PER_PAGE = 20
CODES_A_MINUTE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def my_coupons(request: MemberRequest) -> HttpResponse:
    """What the member has; a POST claims one by its code."""
    form = CouponCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_often("coupon", request.user.pk, most=CODES_A_MINUTE, seconds=60):
            return render(request, "429.html", status=429)
        try:
            claim_coupon(request.user, form.cleaned_data["code"])
        except DomainError as refusal:
            form.add_error("code", refusal.message)
        else:
            messages.success(request, _("쿠폰을 받았어요. 결제할 때 쓸 수 있어요."))
            return redirect("orders:my_coupons")
    own = CouponClaim.objects.filter(member=request.user).select_related("coupon__seller", "checkout")
    page = Paginator(own.order_by("-pk"), COUPONS_PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    rows = [
        {"coupon": claim.coupon, "says": says(claim.coupon), "state": _state(claim, now)} for claim in page
    ]
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "orders/deals/my_coupons.html", context, status=422 if form.errors else 200)


def _state(claim: CouponClaim, now: Any) -> str:  # noqa: ANN401
    if claim.checkout is not None:
        return "used" if claim.checkout.status == Checkout.Status.PAID else "kept"
    return "ready" if claim.coupon.counts_at(now) else "over"


@require_POST
@login_required
@never_cache
def claim(request: MemberRequest) -> HttpResponse:
    """The button in a show: the answer takes its place."""
    if too_often("coupon", request.user.pk, most=CODES_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    context = {"text": _("쿠폰을 받았어요. 결제할 때 쓸 수 있어요."), "good": True}
    try:
        claim_coupon(request.user, request.POST.get("code", ""))
    except DomainError as refusal:
        context = {"text": refusal.message, "good": isinstance(refusal, CouponClaimed)}
    return render(request, "orders/deals/_claimed.html", context)


@require_POST
@never_cache
def checkout_coupon(request: HttpRequest, code: str) -> HttpResponse:
    """Use a coupon for a checkout (`coupon`: its code) or none (""); a code that is not claimed yet is claimed."""
    checkout = get_own_checkout(request, code)
    wanted = request.POST.get("coupon", "").strip()
    try:
        if not wanted:
            remove_coupon(checkout.pk)
        else:
            _use(request, checkout, wanted)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("orders:checkout", checkout.code)


def _use(request: HttpRequest, checkout: Checkout, code: str) -> None:
    """Raises what `claim_coupon` and `apply_coupon` raise."""
    if (
        checkout.buyer is not None
        and not checkout.buyer.coupon_claims.filter(coupon__code=code.upper()).exists()
    ):
        if too_often("coupon", checkout.buyer.pk, most=CODES_A_MINUTE, seconds=60):
            raise DomainError(_("코드를 너무 자주 입력했어요. 잠시 뒤에 다시 시도해 주세요."))
        claim_coupon(checkout.buyer, code)
    apply_coupon(checkout.pk, code)
