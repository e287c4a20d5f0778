"""The cart's pages. Everything in them is for the cart of who asks: nobody can name another one."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.addresses import first_address
from catalog.stock import OutOfStock
from common.errors import DomainError
from common.htmx import is_partial
from orders.access import GUEST_CHECKOUTS
from orders.admission import any_sold_out
from orders.cart import actions
from orders.cart.contents import read_cart
from orders.cart.cookie import remember
from orders.cart.count import note_count
from orders.checkout.forms import StartForm
from orders.checkout.start_views import refuse, sentence_of, variant_of
from orders.checkout.starting import TooOften, member_of, start_checkout
from orders.checkout.steps import show_step
from orders.checkout.waiting_room import place_in_line
from orders.holding import PriceChanged
from orders.models import MAX_QUANTITY, Checkout


@require_safe
@never_cache
def cart(request: HttpRequest) -> HttpResponse:
    return _show(request)


@require_POST
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant in, from a product's page or the sheet of a show."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return refuse(request, sentence_of(form), status=422)
    variant, item = variant_of(form)
    try:
        with transaction.atomic():  # a cart that was made for nothing goes again
            line = actions.put_in(
                actions.open_cart(request),
                variant,
                form.cleaned_data["quantity"],
                broadcast=item.broadcast if item else None,
            )
            if (seen := form.cleaned_data["price"]) is not None:  # the cart asks if it is not the one of now
                actions.accept_price(line.cart, variant.code, max(seen + variant.extra_price, 0))
    except DomainError as refusal:
        return refuse(request, refusal.message)
    if is_partial(request):
        response = show_step(request, "put_in", {"line": line, "count": line.cart.lines.count()})
    else:
        messages.success(request, _("장바구니에 담았어요."))
        response = redirect("orders:cart")
    remember(response, line.cart)
    return response


@require_POST
@never_cache
def ticked(request: HttpRequest) -> HttpResponse:
    """The totals of what is ticked."""
    return _show(request, _ticked(request))


@require_POST
@never_cache
def quantity(request: HttpRequest, variant: str) -> HttpResponse:
    own, wanted = actions.cart_of(request), request.POST.get("quantity", "")
    if own and wanted.isdecimal():
        actions.set_quantity(own, variant, min(int(wanted[:4]), MAX_QUANTITY))
    return _changed(request, variant)


@require_POST
@never_cache
def price(request: HttpRequest, variant: str) -> HttpResponse:
    """The owner saw the new price and goes on."""
    own, seen = actions.cart_of(request), request.POST.get("price", "")
    if own and seen.isdecimal() and len(seen) <= 9:
        actions.accept_price(own, variant, int(seen))
    return _changed(request, variant)


@require_POST
@never_cache
def remove(request: HttpRequest, variant: str) -> HttpResponse:
    if own := actions.cart_of(request):
        actions.take_out(own, variant)
    return _changed(request, variant)


@require_POST
@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    """Take a hold of what is ticked, at the prices that were seen; anything else is asked about in the cart first."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return _back(request, _("화면을 새로 열고 다시 주문해 주세요."))
    if waiting := place_in_line(request):
        return waiting
    codes = _ticked(request)
    contents = read_cart(actions.cart_of(request), member_of(request), chosen=codes)
    wanted = [item.wanted for item in contents.items if item.chosen]
    if not wanted and not Checkout.objects.filter(idempotency_key=key).exists():
        return _back(request, _("살 상품을 골라 주세요."))
    if any_sold_out(codes):
        return _back(request, _("그사이 품절된 상품이 있어요. 확인하고 다시 눌러 주세요."))
    try:
        own = start_checkout(request, wanted, key=key, from_cart=True)
    except TooOften:
        return render(request, "429.html", status=429)
    except OutOfStock:
        return _back(request, _("그사이 남은 수량이 줄었어요. 확인하고 다시 눌러 주세요."))
    except PriceChanged:
        return _back(request, _("가격이 바뀐 상품이 있어요. 확인하고 다시 눌러 주세요."))
    except DomainError as refusal:
        return _back(request, refusal.message)
    return redirect("orders:checkout", own.code)


def _back(request: HttpRequest, message: str) -> HttpResponse:
    messages.warning(request, message)
    return redirect("orders:cart")


def _changed(request: HttpRequest, variant: str) -> HttpResponse:
    if not is_partial(request):
        return redirect("orders:cart")
    # What one was just asked about had no box to tick until now.
    return _show(request, {*_ticked(request), *([variant] if "tick" in request.GET else [])})


def _ticked(request: HttpRequest) -> set[str]:
    return set(request.POST.getlist("variant"))


def _show(request: HttpRequest, chosen: set[str] | None = None) -> HttpResponse:
    """The page, or its list alone for htmx. `chosen` are the variants to buy; None: everything."""
    member = member_of(request)
    address = first_address(member) if member else None
    contents = read_cart(
        actions.cart_of(request), member, chosen=chosen, postcode=address.postcode if address else ""
    )
    note_count(request, len(contents.items))
    context = {
        "contents": contents,
        "key": uuid4(),
        "most": MAX_QUANTITY,
        "unpaid": _unpaid(request),
    }
    return render(
        request, "orders/cart/_cart.html" if is_partial(request) else "orders/cart/cart.html", context
    )


def _unpaid(request: HttpRequest) -> Checkout | None:
    """Return the newest checkout of who asks that can still be paid: one may have closed its page."""
    member = member_of(request)
    codes = request.session.get(GUEST_CHECKOUTS, [])
    if member is None and not codes:
        return None
    own = Checkout.objects.filter(buyer=member) if member else Checkout.objects.filter(code__in=codes)
    return own.filter(status=Checkout.Status.OPEN, expires_at__gt=timezone.now()).order_by("-pk").first()
