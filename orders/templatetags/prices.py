"""What line-ups cost right now, for pages of the apps below, which know nothing of deals."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from django import template
from django.db.models import prefetch_related_objects
from django.utils import timezone

from broadcasts.models import Broadcast, LineupItem
from orders.deals.events import DealStarted
from orders.pricing import price_of_product

register = template.Library()


@register.simple_tag
def with_prices(items: Iterable[LineupItem]) -> list[LineupItem]:
    """Return the items of a line-up, each with `shown` (its `Price` now) and `deal_state` (JSON, "" without a deal).

    One query for all. Select `product` and `broadcast` with the items: this reads them.
    """
    items = list(items)
    prefetch_related_objects(items, "deals")
    now = timezone.now()
    for item in items:
        item.shown = price_of_product(item.product, item, now)  # type: ignore[attr-defined]
        item.deal_state = _deal_state(item)  # type: ignore[attr-defined]
    return items


@register.simple_tag
def with_shown_items(shows: Iterable[Broadcast]) -> list[Broadcast]:
    """Return shows for cards, each with `shown_item`: what it is about right now, with its price (see `with_prices`).

    One query for all. Prefetch `lineup` with its products: this reads it.
    """
    shows = list(shows)
    for show in shows:
        lineup = list(show.lineup.all())
        pinned = next((item for item in lineup if item.pk == show.pinned_item_id), None)
        show.shown_item = pinned or next(iter(lineup), None)  # type: ignore[attr-defined]
    with_prices([show.shown_item for show in shows if show.shown_item])  # type: ignore[attr-defined]
    return shows


def _deal_state(item: LineupItem) -> str:
    """The deal that runs or is to come, in the shape of the room's event."""
    now = timezone.now()
    standing = [deal for deal in item.deals.all() if deal.stopped_at is None and deal.ends_at > now]
    if not standing:
        return ""
    deal = standing[-1]
    deal.item = item  # already here: no query for it
    return json.dumps(asdict(DealStarted.of(deal)))
