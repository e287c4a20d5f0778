"""Changing where a checkout goes: from the address book, or anew."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.addresses import address_book, note_used
from accounts.models import Address
from common.errors import DomainError
from orders.access import get_own_checkout
from orders.addressing import set_address
from orders.checkout.delivery import send_to
from orders.checkout.forms import AddressForm
from orders.checkout.starting import shipping_address
from orders.checkout.steps import show_step
from orders.models import Checkout

NEW = "new"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_address(request: HttpRequest, code: str) -> HttpResponse:
    """The member's addresses and a form for another one; a guest has the form alone."""
    own = get_own_checkout(request, code)
    if not own.in_time(timezone.now()):
        return redirect("orders:checkout", code)
    book = address_book(own.buyer) if own.buyer else []
    if request.method != "POST":
        return _show(request, own, book, AddressForm() if book else AddressForm.of(own))
    place = request.POST.get("place", NEW)
    chosen = next((address for address in book if _value(address) == place), None)
    form = AddressForm(request.POST)
    if chosen is None and not form.is_valid():
        return _show(request, own, book, form, status=422)
    try:
        if chosen is None:
            send_to(own, form)
        else:
            set_address(own.pk, shipping_address(chosen))
            note_used(chosen)
    except DomainError:  # its time ran out meanwhile: the page says so
        pass
    return redirect("orders:checkout", code)


def _show(
    request: HttpRequest, own: Checkout, book: list[Address], form: AddressForm, *, status: int = 200
) -> HttpResponse:
    places = [
        {"value": _value(address), "address": address, "is_it": shipping_address(address) == own.address}
        for address in book
    ]
    new = status == 422 or not any(place["is_it"] for place in places)
    context = {"checkout": own, "places": places, "form": form, "new": new}
    return show_step(request, "address", context, status=status)


def _value(address: Address) -> str:
    """Return what the form calls an address of the book; the one from sign-up has no code."""
    return address.code or "own"
