"""Cancelling and sending back: a page where everything is chosen already, and a second click."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import DomainError
from common.limits import too_often
from orders.buyer.access import get_claim_of_buyer, get_order_of_buyer, member_of
from orders.buyer.forms import ClaimForm, ParcelForm
from orders.buyer.order_page import days_left, page_of
from orders.claims import ask, claimable, take_back
from orders.models import Claim, Order, OrderLine
from orders.refunds import parts_of
from orders.returning import note_sent_back
from orders.terms import way_back_fee

NUMBERS_AN_HOUR = 10
"""Of one return: each new one is a mail to the seller."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def claim(request: HttpRequest, code: str) -> HttpResponse:
    order = get_order_of_buyer(request, code)
    found = claimable(order)
    if found is None:
        messages.error(request, _("지금은 신청할 수 없어요. 주문 상태를 다시 확인해 주세요."))
        return redirect("orders:receipt", code)
    kind, lines = found
    form = ClaimForm(request.POST or None, kind=kind, order=order, lines=lines.values())
    if request.method == "POST" and form.is_valid():
        try:
            made = ask(
                order.pk,
                form.pieces,
                kind=kind,
                reason=form.cleaned_data["reason"],
                text=form.cleaned_data["text"],
                by=member_of(request),
                seen=form.cleaned_data["seen"],
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _said(made))
            return redirect("orders:receipt", code)
    context = {"order": order, "form": form, "kind": kind, "days_left": days_left(order)}
    context |= _money(order, kind, lines)
    return render(request, "orders/buyer/claim.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
def withdraw_claim(request: HttpRequest, code: str, claim: str) -> HttpResponse:
    found = get_claim_of_buyer(request, code, claim)
    try:
        take_back(found.pk, by=member_of(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("요청을 취소했어요. 주문은 그대로 진행돼요."))
    return redirect("orders:receipt", code)


@require_POST
@never_cache
def sent_back(request: HttpRequest, code: str, claim: str) -> HttpResponse:
    """The buyer of an approved return gives carrier and number of the parcel that it is in."""
    found = get_claim_of_buyer(request, code, claim)
    if too_often("sent-back", found.pk, most=NUMBERS_AN_HOUR, seconds=3600):
        return render(request, "429.html", status=429)
    form = ParcelForm(request.POST)
    if not form.is_valid():
        context = page_of(get_order_of_buyer(request, code)) | {"parcel_form": form}
        return render(request, "orders/buyer/order.html", context, status=422)
    values = form.cleaned_data
    try:
        note_sent_back(found.pk, carrier=values["carrier"], number=values["number"], by=member_of(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("반품 운송장을 등록했어요. 판매자에게 알려 드릴게요."))
    return redirect("orders:receipt", code)


def _said(claim: Claim) -> str:
    if claim.status == Claim.Status.DONE:
        return _("주문을 취소했어요. 결제한 금액은 결제 수단으로 돌려드릴게요.")
    if claim.kind == Claim.Kind.CANCEL:
        return _("취소를 요청했어요. 판매자가 답하면 메일로 알려 드릴게요.")
    return _("반품을 신청했어요. 판매자가 확인하면 보낼 방법을 알려 드릴게요.")


def _money(order: Order, kind: str, lines: dict[int, OrderLine]) -> dict[str, int]:
    """Return won: what would go back for everything, and what the way back would cost the buyer."""
    pieces = {pk: line.quantity - line.returned for pk, line in lines.items()}
    all_lines = {line.pk: line for line in order.lines.all()}
    fee = way_back_fee(order, lines) if kind == Claim.Kind.RETURN else 0
    return {"most": parts_of(order, all_lines, pieces).amount, "way_back": fee}
