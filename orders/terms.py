"""What buyer and seller agreed on when the order was placed, read from its evidence card."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog.models import ShippingRule
from orders.models import Evidence, Order, OrderLine
from orders.shipping import is_remote


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Of one line."""

    return_days: int
    way_back: int
    """Won that sending it costs, to the place it was sent to."""
    rule: str
    """What goes back under one rule goes back together."""


def terms_of(order: Order) -> dict[int, Terms]:
    """Return {line id: its terms}; orders from before there were cards have those of the product."""
    lines = list(order.lines.select_related("product__shipping"))
    evidence = Evidence.objects.filter(order=order).first()
    cards = evidence.card["lines"] if evidence else [_card(line) for line in lines]
    remote = is_remote(order.checkout.ship_postcode)
    return {line.pk: _terms(card, remote=remote) for line, card in zip(lines, cards, strict=True)}


def return_until(order: Order, line_terms: Terms) -> datetime | None:
    """Return until when a line may be sent back; None before it is delivered.

    The day of delivery does not count (Civil Act, art. 157), and the last day counts whole, by the clock of Korea.
    """
    if order.delivered_at is None:
        return None
    return end_of_day(order.delivered_at, line_terms.return_days)


def end_of_day(moment: datetime, days: int) -> datetime:
    """Return the end of the day that is so many days after the one of `moment`, by the site's clock."""
    zone = timezone.get_default_timezone()
    day = timezone.localtime(moment, zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, zone)


def confirm_from(order: Order) -> datetime | None:
    """Return from when a delivered order may be confirmed by itself: not before it can no longer be sent back."""
    if order.delivered_at is None:
        return None
    longest = max((terms.return_days for terms in terms_of(order).values()), default=0)
    return end_of_day(order.delivered_at, max(settings.AUTO_CONFIRM_DAYS, longest))


def last_day(order: Order) -> date | None:
    """Return the last day (Korea) before a delivered order may be confirmed by itself."""
    due = confirm_from(order)
    return due.date() - timedelta(days=1) if due else None


def way_back_fee(order: Order, line_ids: Iterable[int]) -> int:
    """Return the won that a buyer who changed their mind pays for sending these lines back."""
    terms = terms_of(order)
    return sum({terms[line_id].rule: terms[line_id].way_back for line_id in line_ids}.values())


def _card(line: OrderLine) -> dict[str, Any]:
    rule = line.product.shipping
    return {"return_days": line.product.return_days, "shipping_rule": _rule(rule) if rule else None}


def _rule(rule: ShippingRule) -> dict[str, Any]:
    return {"name": rule.name, "fee": rule.fee, "remote_fee": rule.remote_fee}


def _terms(card: dict[str, Any], *, remote: bool) -> Terms:
    rule = card.get("shipping_rule") or {"name": "", "fee": 0, "remote_fee": 0}
    fee = rule["fee"] + (rule["remote_fee"] if remote else 0)
    return Terms(return_days=card["return_days"], way_back=fee, rule=rule["name"])
