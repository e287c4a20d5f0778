"""The checkout page: address, goods, coupon and payment on one screen, its clock on top, then what became of it."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from broadcasts.models import Broadcast
from catalog.models import Product
from common.errors import DomainError, IllegalMove, ProviderError
from common.htmx import is_partial
from orders.access import get_own_checkout
from orders.cart.cookie import token_in
from orders.checkout.actions import agree
from orders.checkout.delivery import Delivery
from orders.checkout.forms import PayForm
from orders.checkout.guests import empty_cart
from orders.checkout.starting import member_of
from orders.checkout.steps import show_step
from orders.deals.coupons import usable
from orders.framing import framed_by_us
from orders.holding import cancel_hold, extend_hold
from orders.models import Checkout, Order, Refund
from orders.paying import catch_up, confirm_payment, start_payment
from orders.payments.labels import LABELS, offered


@require_safe
@never_cache
def checkout(request: HttpRequest, code: str) -> HttpResponse:
    own = get_own_checkout(request, code)
    catch_up(own)
    if not own.is_open:
        return _outcome(request, own)
    return _form(request, own, Delivery(own), PayForm(methods=settings.PAYMENT_METHODS))


@require_POST
@never_cache
def pay(request: HttpRequest, code: str) -> HttpResponse:
    """Note address, e-mail and consent, then open the payment page. Pressed twice it opens the same payment."""
    own = get_own_checkout(request, code)
    if not own.in_time(timezone.now()):
        return redirect("orders:checkout", code)
    delivery = Delivery(own, request.POST)
    form = PayForm(request.POST, methods=settings.PAYMENT_METHODS)
    if not (delivery.is_valid() & form.is_valid()):
        return _form(request, own, delivery, form, status=422)
    try:
        delivery.save()
        agree(own.pk)
        own.refresh_from_db()
        if own.total != form.cleaned_data["total"]:  # remote shipping, or a coupon taken in another tab
            anew = PayForm(initial=form.cleaned_data | {"agreed": False}, methods=settings.PAYMENT_METHODS)
            return _form(request, own, Delivery(own), anew, status=409)  # the consent was for another sum
        back = reverse("orders:checkout_return", args=[own.code, "-ref-"]).replace("-ref-", "{ref}")
        address = start_payment(
            own.pk, method=form.cleaned_data["method"], return_url=request.build_absolute_uri("/")[:-1] + back
        )
    except DomainError:  # its time ran out, or it was paid in another tab
        return redirect("orders:checkout", code)
    except ProviderError:
        form.add_error(None, _("결제 화면을 열지 못했어요. 주문은 그대로 있으니 다시 눌러 주세요."))
        return _form(request, own, Delivery(own), form, status=422)
    if address.startswith("/") and not is_partial(request):
        return redirect(address)
    framed = LABELS[form.cleaned_data["method"]].framed
    return show_step(request, "pay", {"checkout": own, "address": address, "framed": framed, **_clock(own)})


@require_POST
@never_cache
def extend(request: HttpRequest, code: str) -> HttpResponse:
    """More time, once. In the sheet only the clock is answered: a payment page beside it stays as it is."""
    own = get_own_checkout(request, code)
    with suppress(DomainError):  # it was extended or ran out already: the clock says so
        own = extend_hold(own.pk)
    if not is_partial(request):
        return redirect("orders:checkout", code)
    return render(request, "orders/checkout/_clock.html", {"checkout": own, "sheet": True, **_clock(own)})


@require_POST
@never_cache
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    own = get_own_checkout(request, code)
    with suppress(IllegalMove):  # it was paid or ran out a moment earlier: the page says so
        cancel_hold(own.pk, by=member_of(request))
    return redirect("orders:checkout", code)


@require_safe
@never_cache
def state(request: HttpRequest, code: str) -> JsonResponse:
    """What a page asks while the buyer is at the provider's. The provider is not asked: the sweep does that."""
    return JsonResponse({"status": get_own_checkout(request, code).status})


@require_safe
@never_cache
@framed_by_us
def checkout_return(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Where the provider sends the buyer back to: it is asked what happened, the address says nothing."""
    own = get_own_checkout(request, code)
    payment = get_object_or_404(own.payments, ref=ref)
    with suppress(ProviderError):  # nothing is decided yet: the page looks again
        confirm_payment(payment.pk, request.GET.dict())
    catch_up(own)
    empty_cart_if_paid(request, own)
    return render(request, "orders/checkout/return.html", {"checkout": own, "refund": stray_refund(own)})


def stray_refund(own: Checkout) -> Refund | None:
    """Return the refund of money that the checkout could not take, if any came."""
    return Refund.objects.filter(payment__checkout=own, order=None).first()


def empty_cart_if_paid(request: HttpRequest, own: Checkout) -> None:
    if own.status == Checkout.Status.PAID:
        empty_cart(token_in(request), own)


def _form(
    request: HttpRequest, own: Checkout, delivery: Delivery, form: PayForm, *, status: int = 200
) -> HttpResponse:
    orders = _orders(own)
    if not orders:
        return _back_to_the_show(own)
    context = {
        "checkout": own,
        "orders": orders,
        "delivery": delivery,
        "form": form,
        "methods": offered(),
        "total_changed": status == 409,
        "coupons": usable(own),
        **_clock(own),
    }
    return show_step(request, "checkout", context, status=status)


def _outcome(request: HttpRequest, own: Checkout) -> HttpResponse:
    empty_cart_if_paid(request, own)
    orders = _orders(own)
    if not orders:
        return _back_to_the_show(own)
    context: dict[str, Any] = {"checkout": own, "orders": orders}
    if own.status == Checkout.Status.PAID:
        is_sent = any(order.deal != Product.Deal.DIRECT for order in orders)
        return show_step(request, "paid", context | {"is_sent": is_sent})
    return show_step(request, "over", context | {"refund": stray_refund(own), "key": uuid4()})


def _back_to_the_show(own: Checkout) -> HttpResponse:
    """A tip is no order: whoever comes here from the provider's page goes on watching."""
    show = Broadcast.objects.filter(tips=own.pk).first()
    return redirect("broadcasts:watch", show.code) if show else redirect("broadcasts:home")


def _orders(own: Checkout) -> list[Order]:
    return list(own.orders.for_cards().order_by("pk"))


def _clock(own: Checkout) -> dict[str, int]:
    """How long it may still be paid, by the server's clock: browsers count down from it whatever theirs says."""
    left = own.expires_at - timezone.now()
    return {"left_ms": max(0, int(left.total_seconds() * 1000)) if own.is_open else 0}
