"""Pages for the buyer: buying beside the running show, and what was bought."""

from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.models import LineupItem
from catalog.models import Variant
from catalog.stock import OutOfStock
from common.errors import DomainError, IllegalMove, ProviderError
from common.htmx import is_partial
from common.limits import too_often
from orders.access import get_item_to_buy, get_order_for, get_own_order
from orders.addressing import set_address
from orders.forms import OrderForm
from orders.framing import framed_by_us
from orders.holding import Wanted, cancel_hold, check_for_sale, take_hold
from orders.models import MAX_QUANTITY, Order, Refund
from orders.paying import NotPayable, catch_up, start_payment
from orders.pricing import price_of

ORDERS_PER_PAGE = 20
ORDERS_A_MINUTE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def buy(request: HttpRequest, broadcast: str, product: str) -> HttpResponse:
    """The form, then the payment, inside the sheet of the live page or as a page of its own."""
    item = get_item_to_buy(broadcast, product)
    if not request.user.is_authenticated:
        return _sign_in_first(request, item)
    if request.method == "POST":
        return _order(cast(MemberRequest, request), item)
    try:
        check_for_sale(request.user, _only_variant(item), item)
    except DomainError as refusal:
        return _step(request, item, "refused", {"message": refusal.message}, status=409)
    if item.product.sold_out:
        return _step(request, item, "sold_out", {"left": 0})
    form = OrderForm(initial=OrderForm.prefilled(request.user), most=_most(item))
    return _step(request, item, "buy", {"form": form})


def _order(request: MemberRequest, item: LineupItem) -> HttpResponse:
    if too_often("order", request.user.pk, most=ORDERS_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    form = OrderForm(request.POST, most=_most(item))
    if not form.is_valid():
        return _step(request, item, "buy", {"form": form}, status=422)
    try:
        variant = _only_variant(item)
        wanted = Wanted(
            variant_id=variant.pk,
            quantity=form.cleaned_data["quantity"],
            seen_price=price_of(variant, item, timezone.now()).unit,
            broadcast_id=item.broadcast_id,
        )
        checkout = take_hold(request.user, [wanted], key=form.cleaned_data["idempotency_key"])
        set_address(checkout.pk, form.address)
        order = checkout.orders.get()
    except OutOfStock as refusal:
        return _step(request, item, "sold_out", {"left": refusal.left}, status=409)
    except DomainError as refusal:
        return _step(request, item, "refused", {"message": refusal.message}, status=409)
    return _pay(request, item, order, form)


def _only_variant(item: LineupItem) -> Variant:
    return item.product.offered[0]


def _start(request: MemberRequest, order: Order) -> str:
    """Return the address of the payment page. Raises NotPayable, ProviderError."""
    return_url = request.build_absolute_uri(reverse("orders:payment_return", args=[order.code]))
    return start_payment(order.checkout_id, method=settings.PAYMENT_METHOD, return_url=return_url)


def _pay(request: MemberRequest, item: LineupItem, order: Order, form: OrderForm) -> HttpResponse:
    try:
        payment_url = _start(request, order)
    except NotPayable:  # the order was placed earlier and is over
        _catch_up(order)
        return _receipt_now(request, order)
    except ProviderError:
        # The form keeps its key: pressing again goes on with the same order.
        form.add_error(None, _("결제 화면을 열지 못했어요. 주문은 그대로 있으니 다시 눌러 주세요."))
        return _step(request, item, "buy", {"form": form}, status=422)
    context = {"order": order, "payment_url": payment_url, "expires_at": order.checkout.expires_at}
    return _step(request, item, "pay", context)


def _most(item: LineupItem) -> int:
    return min(item.product.left, MAX_QUANTITY)


def _sign_in_first(request: HttpRequest, item: LineupItem) -> HttpResponse:
    login = reverse("account_login")
    if not is_partial(request):
        return redirect(f"{login}?{urlencode({'next': request.path})}")
    show = reverse("broadcasts:watch", args=[item.broadcast.code])
    context = {"login_url": f"{login}?{urlencode({'next': show})}"}
    return render(request, "orders/_sign_in_first.html", context)


def _step(
    request: HttpRequest, item: LineupItem, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return one step of buying: the part alone for the sheet, else within a page."""
    part = f"orders/_{name}.html"
    context |= {
        "broadcast": item.broadcast,
        "product": item.product,
        "unit_price": item.product.price,
        "max_quantity": _most(item),
        "step": part,
    }
    return render(request, part if is_partial(request) else "orders/buy.html", context, status=status)


@require_safe
@login_required
@never_cache
@framed_by_us
def payment_return(request: MemberRequest, code: str) -> HttpResponse:
    """Where the provider sends the buyer back to: it is asked what happened, the address says nothing."""
    order = get_own_order(request.user, code)
    _catch_up(order)
    return render(request, "orders/payment_return.html", _with_refund(order))


@require_safe
@login_required
@never_cache
def receipt(request: MemberRequest, code: str) -> HttpResponse:
    order = get_order_for(request.user, code)
    if order.is_placed:
        _catch_up(order)
    return _receipt(request, order)


@require_POST
@login_required
@never_cache
def resume_payment(request: MemberRequest, code: str) -> HttpResponse:
    """Back to the payment page of an order that still waits for its payment."""
    order = get_own_order(request.user, code)
    try:
        return redirect(_start(request, order))
    except NotPayable:
        _catch_up(order)  # the receipt says what became of it
    except ProviderError:
        messages.error(request, _("결제 화면을 열지 못했어요. 잠시 뒤에 다시 눌러 주세요."))
    return redirect("orders:receipt", code)


@require_POST
@login_required
@never_cache
def cancel_pending(request: MemberRequest, code: str) -> HttpResponse:
    order = get_own_order(request.user, code)
    with suppress(IllegalMove):  # it was paid or ran out a moment earlier: the receipt says so
        cancel_hold(order.checkout_id, by=request.user)
    order.refresh_from_db()
    return _receipt_now(request, order)


def _receipt_now(request: MemberRequest, order: Order) -> HttpResponse:
    """Answer a POST with the receipt: in the sheet at once, otherwise under its own address."""
    return _receipt(request, order) if is_partial(request) else redirect("orders:receipt", order.code)


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
