"""What the page of an order shows to who sold it."""

from typing import Any

from catalog.models import Product
from orders.buyer.order_page import steps_of
from orders.carriers import CARRIERS, tracking_address
from orders.claims import REASONS
from orders.models import Claim, Order
from orders.refunds import REFUNDABLE
from orders.sending import TO_SEND, NotSendable, check_sendable

Status = Order.Status


def page_of(order: Order) -> dict[str, Any]:
    """Return the context of the page; the order comes with what `for_cards` reads."""
    claims = list(order.claims.prefetch_related("lines__line").select_related("refund"))
    disputes = list(order.disputes.all())
    waiting = any(claim.status in Claim.OPEN for claim in claims)
    in_person = order.deal == Product.Deal.DIRECT
    disputed = any(dispute.status == dispute.Status.OPEN for dispute in disputes)
    return {
        "order": order,
        "buyer": order.buyer.nickname if order.buyer else "",
        "steps": steps_of(order),
        "carrier": CARRIERS[order.carrier].name if order.carrier in CARRIERS else "",
        "tracking_url": tracking_address(order.carrier, order.tracking_number),
        "refunds": list(order.refunds.order_by("pk")),
        "claims": [(claim, _reason(claim)) for claim in claims],
        "disputes": disputes,
        "may_prepare": order.status == Status.PAID and not in_person,
        "may_ship": _is_sendable(order),
        "may_deliver": order.status == Status.SHIPPED,
        "may_hand_over": in_person and order.status in TO_SEND and not waiting and not disputed,
        "may_refund": order.status in REFUNDABLE and not waiting and not disputed,
        "log": list(order.log.select_related("by")),
    }


def _reason(claim: Claim) -> str:
    return str(REASONS[claim.reason].label) if claim.reason in REASONS else claim.reason


def _is_sendable(order: Order) -> bool:
    try:
        check_sendable(order)
    except NotSendable:
        return False
    return True
