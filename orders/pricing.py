"""What things cost: one function, decided by the server's clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings

from broadcasts.models import Broadcast, LineupItem
from catalog.models import Product, Variant
from orders.models import FlashDeal


class PriceKind(Enum):
    REGULAR = "regular"
    LIVE = "live"
    """While its show is on the air."""
    FLASH = "flash"
    """At a deal in its show."""
    OFFER = "offer"
    """As buyer and seller agreed."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one piece costs at a moment, in won."""

    unit: int
    regular: int
    """Without a live price or a deal."""
    kind: PriceKind = PriceKind.REGULAR
    deal: FlashDeal | None = None


def price_of(variant: Variant, item: LineupItem | None, at: datetime) -> Price:
    """Return the price of a variant at a moment, outside any show or as a product of the show `item` belongs to.

    Select `product` with the variant, `broadcast` with the item and prefetch its `deals`: this reads them.
    """
    price = price_of_product(variant.product, item, at)
    return replace(price, unit=price.unit + variant.extra_price, regular=price.regular + variant.extra_price)


def price_of_product(product: Product, item: LineupItem | None, at: datetime) -> Price:
    """Return what a product costs before its variants' extra prices: the lowest of its prices that count at `at`.

    So a seller who lowers the usual price below a live price or a deal lowers what is paid too.
    """
    regular = Price(unit=product.price, regular=product.price)
    if item is None:
        return regular
    prices = [regular]
    if item.live_price is not None and _on_air(item.broadcast, at):
        prices.append(Price(unit=item.live_price, regular=product.price, kind=PriceKind.LIVE))
    if deal := running_deal(item.deals.all(), at):
        prices.append(Price(unit=deal.price, regular=product.price, kind=PriceKind.FLASH, deal=deal))
    return min(
        prices, key=lambda price: price.unit
    )  # the first of equals: a deal's pieces are not used up for nothing


def running_deal(deals: Iterable[FlashDeal], at: datetime) -> FlashDeal | None:
    """Return the deal whose price counts at `at`, the cheapest of several. Grace for late pictures is included."""
    running = [
        deal for deal in deals if deal.starts_at <= at < _end(deal) and (deal.left is None or deal.left > 0)
    ]
    return min(running, key=lambda deal: (deal.price, deal.pk), default=None)


def items_for(wanted: Mapping[int, int | None], variants: Iterable[Variant]) -> dict[int, LineupItem]:
    """Return the line-up item of each variant that is bought in a show: {variant id: item}, in two queries.

    `wanted` is {variant id: broadcast id or None}. A variant whose product is not in that show is left out.
    """
    shows = {broadcast_id for broadcast_id in wanted.values() if broadcast_id}
    if not shows:
        return {}
    items = {
        (item.broadcast_id, item.product_id): item
        for item in LineupItem.objects.filter(
            broadcast__in=shows, product__in={variant.product_id for variant in variants}
        )
        .select_related("broadcast", "product")
        .prefetch_related("deals")
    }
    found = {variant.pk: items.get((wanted[variant.pk] or 0, variant.product_id)) for variant in variants}
    return {variant_id: item for variant_id, item in found.items() if item}


def _end(deal: FlashDeal) -> datetime:
    shown = min(deal.ends_at, deal.stopped_at) if deal.stopped_at else deal.ends_at
    if shown <= deal.starts_at:  # stopped before it began: nobody heard of it, so nobody needs grace
        return deal.starts_at
    return shown + timedelta(seconds=settings.DEAL_GRACE_SECONDS)


def _on_air(broadcast: Broadcast, at: datetime) -> bool:
    if broadcast.status in Broadcast.ON_AIR:
        return True
    grace = timedelta(seconds=settings.DEAL_GRACE_SECONDS)
    return (
        broadcast.status == Broadcast.Status.ENDED
        and broadcast.ended_at is not None
        and at < broadcast.ended_at + grace
    )
