"""What the seller does with an order: each a POST that leads back to its page."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.requests import MemberRequest
from common.errors import DomainError, IllegalMove
from orders.buyer.forms import ParcelForm
from orders.claims import approve, receive, refund_by_seller, refuse
from orders.confirming import deliver_order
from orders.models import Order
from orders.selling.access import get_claim_of_seller, get_order_of_seller
from orders.selling.forms import AnswerForm, RefundForm
from orders.selling.order_page import page_of
from orders.sending import prepare_order, ship_order


@require_POST
@login_required
@never_cache
def prepare(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_of_seller(request.user, code)
    return _do(request, order, lambda: prepare_order(order.pk, by=request.user), _("준비를 시작했어요."))


@require_POST
@login_required
@never_cache
def ship(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_of_seller(request.user, code)
    form = ParcelForm(request.POST)
    if not form.is_valid():
        return _page(request, order, ship_form=form)
    values = form.cleaned_data

    def send() -> object:
        return ship_order(order.pk, carrier=values["carrier"], number=values["number"], by=request.user)

    return _do(request, order, send, _("운송장을 등록했어요. 구매자에게 알려 드릴게요."))


@require_POST
@login_required
@never_cache
def deliver(request: MemberRequest, code: str) -> HttpResponse:
    """For parcels only: what is handed over in person ends with the buyer's code or word."""
    order = get_order_of_seller(request.user, code)

    def arrive() -> bool:
        if order.shipped_at is None:
            raise IllegalMove(order.status, Order.Status.DELIVERED)
        return deliver_order(order.pk, by=request.user)

    return _do(request, order, arrive, _("배송 완료로 바꿨어요."))


@require_POST
@login_required
@never_cache
def refund(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_of_seller(request.user, code)
    form = RefundForm(request.POST, order=order)
    if not form.is_valid():
        return _page(request, order, refund_form=form)

    def give_back() -> object:
        return refund_by_seller(
            order.pk,
            form.pieces,
            text=form.cleaned_data["text"],
            restock=form.cleaned_data["restock"],
            by=request.user,
            seen=form.cleaned_data["seen"],
        )

    return _do(request, order, give_back, _("환불했어요. 구매자에게 알려 드릴게요."))


@require_POST
@login_required
@never_cache
def answer_claim(request: MemberRequest, claim: str, answer: str) -> HttpResponse:
    """`answer` is approve, refuse or receive."""
    found = get_claim_of_seller(request.user, claim)
    form = AnswerForm(request.POST)
    form.is_valid()
    said = form.cleaned_data.get("answer", "")
    ways: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(found.pk, by=request.user, answer=said),
        "refuse": lambda: refuse(found.pk, by=request.user, answer=said),
        "receive": lambda: receive(found.pk, by=request.user, restock=form.cleaned_data["restock"]),
    }
    return _do(request, found.order, ways[answer], _("구매자에게 알려 드릴게요."))


def _do(request: MemberRequest, order: Order, action: Callable[[], object], said: str) -> HttpResponse:
    try:
        action()
    except IllegalMove:
        messages.error(request, _("지금은 할 수 없어요. 주문 상태를 다시 확인해 주세요."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
    return redirect("orders:selling_order", order.code)


def _page(
    request: MemberRequest,
    order: Order,
    *,
    ship_form: ParcelForm | None = None,
    refund_form: RefundForm | None = None,
) -> HttpResponse:
    forms = {
        "ship_form": ship_form or ParcelForm.showing(order),
        "refund_form": refund_form or RefundForm(order=order),
    }
    return render(request, "orders/selling/order.html", page_of(order) | forms, status=422)
