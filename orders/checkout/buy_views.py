"""Choosing, beside the running show: options, quantity and what it costs with shipping."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadcasts.models import LineupItem
from catalog.models import Variant
from common.errors import DomainError
from orders.access import get_item_to_buy
from orders.checkout.opening import tell_opened
from orders.checkout.starting import member_of
from orders.checkout.steps import show_step
from orders.holding import check_for_sale
from orders.models import MAX_QUANTITY
from orders.pricing import Price, price_of
from orders.shipping import shipping_fee


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A variant one may choose."""

    variant: Variant
    price: Price
    chosen: bool

    @property
    def left(self) -> int:
        return self.variant.stock.left


@require_safe
@never_cache
def buy(request: HttpRequest, broadcast: str, product: str) -> HttpResponse:
    """The form of a product of a show, inside the sheet of the live page or as a page of its own."""
    item = get_item_to_buy(broadcast, product)
    context: dict[str, Any] = {"broadcast": item.broadcast, "product": item.product}
    choices = choices_of(item)
    if not choices:
        return show_step(request, "sold_out", context | {"left": 0, "name": item.product.name})
    try:
        check_for_sale(member_of(request), choices[0].variant, item)
    except DomainError as refusal:
        return show_step(request, "refused", context | {"message": refusal.message}, status=409)
    first = next((choice for choice in choices if choice.chosen), choices[0])
    context |= {
        "choices": choices,
        "first": first,
        "price": first.price.unit - first.variant.extra_price,
        "rule": item.product.shipping,
        "shipping": shipping_fee([(item.product.shipping, first.price.unit)]),
        "most": min(max(choice.left for choice in choices), MAX_QUANTITY),
        "key": uuid4(),
    }
    response = show_step(request, "buy", context)
    tell_opened(request, response, item)
    return response


def choices_of(item: LineupItem) -> list[Choice]:
    """Return what is offered of a product at the prices of now; the first one that is left is chosen."""
    now = timezone.now()
    offered = item.product.offered
    for variant in offered:
        variant.product = item.product  # the price reads it: not once more from the database for each
    first = next((variant for variant in offered if variant.stock.left), None)
    return [
        Choice(variant=variant, price=price_of(variant, item, now), chosen=variant is first)
        for variant in offered
    ]
