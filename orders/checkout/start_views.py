"""Where a checkout begins: one thing at once, or what an earlier checkout held once more."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from broadcasts.models import Broadcast, LineupItem
from catalog.models import Variant
from catalog.stock import OutOfStock
from common.errors import DomainError
from orders.access import get_own_checkout
from orders.checkout.forms import StartForm
from orders.checkout.starting import TooOften, address_for, start_checkout, wanted_again
from orders.checkout.steps import show_step
from orders.checkout.waiting_room import place_in_line
from orders.deals.words import price_change
from orders.holding import PriceChanged, Wanted
from orders.models import Checkout, Offer
from orders.pricing import items_for, price_of
from orders.second_hand.offers import check_out, offer_of


@require_POST
@never_cache
def buy_now(request: HttpRequest) -> HttpResponse:
    """Take a hold of one variant. `orders.checkout.shed` answered already if it was sold out a moment ago."""
    form = StartForm(request.POST)
    if not form.is_valid() or form.cleaned_data["key"] is None:
        return refuse(request, sentence_of(form), status=422)
    if waiting := place_in_line(request):
        return waiting
    variant, item = variant_of(form)
    seen = form.cleaned_data["price"]
    wanted = Wanted(
        variant_id=variant.pk,
        quantity=form.cleaned_data["quantity"],
        seen_price=price_of(variant, item, timezone.now()).unit
        if seen is None
        else seen + variant.extra_price,
        broadcast_id=item.broadcast_id if item else None,
    )
    back = _back(variant, item)

    def agreed(changed: PriceChanged) -> dict[str, str]:
        return {"price": str(changed.prices[variant.pk].unit - variant.extra_price)}

    return begin(request, [wanted], key=form.cleaned_data["key"], agreed=agreed, back=back)


@require_POST
@never_cache
def again(request: HttpRequest, code: str) -> HttpResponse:
    """Take a new hold of what a checkout held that came to nothing; one that can still be paid goes on.

    What was held at an agreed price is held at it again, while the offer is open to buy.
    """
    checkout = get_own_checkout(request, code)
    if checkout.in_time(timezone.now()) or checkout.status == checkout.Status.PAID:
        return redirect("orders:checkout", code)
    form = StartForm({"variant": "any", "quantity": "1", "key": request.POST.get("key", "")})
    if not form.is_valid() or form.cleaned_data["key"] is None:
        return refuse(request, sentence_of(form), status=422)
    if waiting := place_in_line(request):
        return waiting
    if offer := offer_of(checkout):
        return _at_agreed_price(request, offer, checkout)
    wanted = wanted_again(checkout, accepted_prices(request.POST))

    def agreed(changed: PriceChanged) -> dict[str, str]:
        codes = Variant.objects.filter(pk__in=changed.prices).values_list("pk", "code")
        known = {f"price-{code}": str(price) for code, price in accepted_prices(request.POST).items()}
        return known | {f"price-{code}": str(changed.prices[pk].unit) for pk, code in codes}

    key = form.cleaned_data["key"]
    return begin(request, wanted, key=key, agreed=agreed, from_cart=checkout.from_cart, before=checkout)


def begin(
    request: HttpRequest,
    wanted: Sequence[Wanted],
    *,
    key: UUID,
    agreed: Callable[[PriceChanged], dict[str, str]],
    back: str = "",
    from_cart: bool = False,
    before: Checkout | None = None,
) -> HttpResponse:
    """Take the hold and go to its page, or say what stands in the way.

    `agreed` returns the fields that, posted once more, accept the prices of now. `back` is where one chooses anew.
    What was told to a checkout `before` it need not be told again.
    """
    try:
        checkout = start_checkout(request, wanted, key=key, from_cart=from_cart, before=before)
    except TooOften:
        return render(request, "429.html", status=429)
    except OutOfStock as refusal:
        context = {"left": refusal.left, "back": back, "name": _name(refusal.variant_id)}
        return show_step(request, "sold_out", context, status=409)
    except PriceChanged as refusal:
        return _ask_price(request, wanted, refusal, agreed(refusal))
    except DomainError as refusal:
        return refuse(request, refusal.message, back=back)
    return redirect("orders:checkout", checkout.code)


def refuse(request: HttpRequest, message: str, *, back: str = "", status: int = 409) -> HttpResponse:
    """Say in a sentence why nothing was begun."""
    return show_step(request, "refused", {"message": message, "back": back}, status=status)


def sentence_of(form: StartForm) -> str:
    """Return what is wrong with the form, for a page that does not show its fields."""
    if quantity := form.errors.get("quantity"):
        return str(quantity[0])
    return _("화면을 새로 열고 다시 주문해 주세요.")


def variant_of(form: StartForm) -> tuple[Variant, LineupItem | None]:
    """Return what a valid form names: the variant, and its place in the show if it was found in one. Raises Http404."""
    variant = (
        Variant.objects.select_related("product__seller").filter(code=form.cleaned_data["variant"]).first()
    )
    if variant is None:
        raise Http404
    show_code = form.cleaned_data["broadcast"]
    if not show_code:
        return variant, None
    show = Broadcast.objects.filter(code=show_code).first()
    item = items_for({variant.pk: show.pk}, [variant]).get(variant.pk) if show else None
    if item is None:
        raise Http404
    return variant, item


def accepted_prices(posted: QueryDict) -> dict[str, int]:
    """Return {variant code: won} of the fields price-<code>."""
    fields = {
        name.removeprefix("price-"): value for name, value in posted.items() if name.startswith("price-")
    }
    return {
        code: int(value) for code, value in fields.items() if isinstance(value, str) and value.isdecimal()
    }


def _at_agreed_price(request: HttpRequest, offer: Offer, before: Checkout) -> HttpResponse:
    try:
        checkout = check_out(offer.pk, address=address_for(offer.buyer, before))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("orders:offer", offer.code)
    return redirect("orders:checkout", checkout.code)


def _ask_price(
    request: HttpRequest, wanted: Sequence[Wanted], refusal: PriceChanged, agreed: dict[str, str]
) -> HttpResponse:
    seen = {one.variant_id: one.seen_price for one in wanted}
    variants = Variant.objects.select_related("product").in_bulk(list(refusal.prices))
    items = items_for({one.variant_id: one.broadcast_id for one in wanted}, variants.values())
    kept: dict[str, Any] = {
        name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"
    }
    context = {
        "changes": [
            {
                "variant": variants[pk],
                "seen": seen[pk],
                "now": price.unit,
                "question": price_change(price, seen=seen[pk], item=items.get(pk)),
            }
            for pk, price in refusal.prices.items()
        ],
        "fields": (kept | agreed).items(),
        "action": request.path,
    }
    return show_step(request, "price_changed", context, status=409)


def _back(variant: Variant, item: LineupItem | None) -> str:
    if item is None:
        return ""
    return reverse("orders:buy", args=[item.broadcast.code, variant.product.code])


def _name(variant_id: int) -> str:
    line = Variant.objects.select_related("product").get(pk=variant_id)
    return f"{line.product.name} {line.name}".strip()
