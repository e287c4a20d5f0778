"""What the page of an order shows to who bought it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from broadcasts.models import Broadcast
from broadcasts.recordings import replay_moment
from catalog.models import Product
from orders.buyer.forms import ParcelForm
from orders.carriers import CARRIERS, tracking_address
from orders.claims import claimable
from orders.disputes import may_dispute
from orders.evidence import is_unchanged
from orders.models import Claim, Evidence, Order, Refund
from orders.terms import last_day, return_until, terms_of

Status = Order.Status
BEFORE_MS = 15_000
"""A link into the replay begins so much before the order: one sees what was said and shown."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stage of the order, and when it was reached, if it was."""

    name: str
    at: datetime | None
    reached: bool


def page_of(order: Order) -> dict[str, Any]:
    """Return the context of the page; the order comes with what `for_cards` reads."""
    claim = claimable(order)
    claims = list(order.claims.prefetch_related("lines__line").select_related("refund"))
    delivered = order.status == Status.DELIVERED
    return {
        "order": order,
        "steps": steps_of(order),
        "carrier": CARRIERS[order.carrier].name if order.carrier in CARRIERS else "",
        "tracking_url": tracking_address(order.carrier, order.tracking_number),
        "refunds": list(order.refunds.order_by("pk")),
        "stray": Refund.objects.filter(payment__checkout=order.checkout_id, order=None).first(),
        "claims": claims,
        "parcel_form": next((ParcelForm.showing(claim) for claim in claims if claim.waits_for_goods), None),
        "disputes": list(order.disputes.all()),
        "claim_kind": claim[0] if claim else "",
        "days_left": days_left(order),
        "may_confirm": delivered and not order.claims.filter(status__in=Claim.OPEN).exists(),
        "last_day": last_day(order) if delivered else None,
        "may_dispute": may_dispute(order),
        **evidence_of_page(order),
    }


def evidence_of_page(order: Order) -> dict[str, Any]:
    """Return {"evidence": the card or None, "intact": whether it is as it was written, "replay_url": ""}."""
    evidence = Evidence.objects.filter(order=order).first()
    return {
        "evidence": evidence,
        "intact": evidence is not None and is_unchanged(evidence),
        "replay_url": replay_query(order.broadcast, evidence) if evidence and order.broadcast else "",
        "shown_at": datetime.fromisoformat(evidence.card["shown_at"]) if evidence else None,
    }


def steps_of(order: Order) -> list[Step]:
    """Return the stages from paying to confirming, for orders that are on that road."""
    logged = dict(order.log.filter(type__startswith="order.").values_list("type", "at"))
    names = {
        "paid": (_("결제 완료"), order.paid_at),
        "preparing": (_("상품 준비"), logged.get("order.preparing") or order.shipped_at),
        "shipped": (_("배송 중"), order.shipped_at),
        "delivered": (_("배송 완료"), order.delivered_at),
        "confirmed": (_("구매 확정"), order.confirmed_at),
    }
    if order.deal == Product.Deal.DIRECT:
        names = {
            "paid": names["paid"],
            "delivered": (_("전달 완료"), order.delivered_at),
            "confirmed": names["confirmed"],
        }
    last = max((place for place, (_name, at) in enumerate(names.values()) if at), default=-1)
    return [Step(name=name, at=at, reached=place <= last) for place, (name, at) in enumerate(names.values())]


def days_left(order: Order) -> int | None:
    """Return how many days after today a delivered order may still be sent back; 0: today is the last."""
    ends = [return_until(order, terms) for terms in terms_of(order).values()]
    latest = max((end for end in ends if end), default=None)
    if latest is None:
        return None
    zone = timezone.get_default_timezone()
    return (timezone.localtime(latest, zone).date() - timezone.localdate(timezone=zone)).days - 1


def replay_query(broadcast: Broadcast, evidence: Evidence) -> str:
    """Return the query of the address at which the replay shows what was on when it was ordered; "" without one."""
    found = replay_moment(broadcast, datetime.fromisoformat(evidence.card["shown_at"]))
    if found is None:
        return ""
    part, position = found
    return "?" + urlencode({"part": part, "t": max(0, position - BEFORE_MS) // 1000})
