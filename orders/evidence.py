"""The evidence card: what the buyer was shown at the moment of ordering, kept unchanged with the order.

A card is {"order", "shown_at" (ISO 8601), "seller": {"code", "nickname", "name", "kind", and of a business "email",
"phone", "address"}, "broadcast": {"code", "title", "started_at", "offset_ms"} | null, "lines": [...], "goods",
"shipping"}, amounts in won. A line is {"product", "variant", "name", "option", "regular_price", "unit_price",
"price_kind" (`orders.pricing.PriceKind`), "quantity", "description_digest", "condition", "return_days",
"return_terms", "shipping_rule": {"name", "fee", "free_from", "remote_fee"} | null}; lines stand as in the order.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from broadcasts.models import Broadcast
from catalog.models import ShippingRule
from orders.models import Evidence, Order, OrderLine
from orders.pricing import PriceKind


def evidence_of(
    order: Order,
    lines: Sequence[OrderLine],
    kinds: Sequence[PriceKind],
    broadcast: Broadcast | None,
    at: datetime,
) -> Evidence:
    """Return the card of an order that is being placed, not saved yet. `kinds` says of each line what its price was.

    Select `product__shipping` and `variant` with the lines and `seller` with the order: this reads them.
    """
    card: dict[str, Any] = {
        "order": order.code,
        "shown_at": at.isoformat(),
        "seller": _seller(order.seller),
        "broadcast": _show(broadcast, at),
        "lines": [_line(line, kind) for line, kind in zip(lines, kinds, strict=True)],
        "shipping": order.shipping,
        "goods": order.goods,
    }
    return Evidence(order=order, card=card, digest=digest_of(card))


def is_unchanged(evidence: Evidence) -> bool:
    """Whether the card is the one whose digest was written when the order was placed."""
    return digest_of(evidence.card) == evidence.digest


def digest_of(card: dict[str, Any]) -> str:
    """Return the SHA-256 of the card's canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(card)).hexdigest()


def canonical(card: dict[str, Any]) -> bytes:
    """Return the JSON whose SHA-256 is the digest: keys sorted, no spaces, UTF-8."""
    return json.dumps(card, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _seller(seller: User) -> dict[str, str]:
    shown = {
        "code": seller.code,
        "nickname": seller.nickname,
        "name": seller.name,
        "kind": seller.kind,
    }
    if seller.kind != User.Kind.BUSINESS:
        return shown
    address = f"{seller.address} {seller.address_detail}".strip()
    return shown | {"email": seller.email, "phone": seller.phone, "address": address}


def _show(broadcast: Broadcast | None, at: datetime) -> dict[str, Any] | None:
    """`offset_ms` is by the clock; where that is in the recording, `broadcasts.recordings.replay_moment` finds."""
    if broadcast is None:
        return None
    started = broadcast.started_at
    return {
        "code": broadcast.code,
        "title": broadcast.title,
        "started_at": started.isoformat() if started else None,
        "offset_ms": int((at - started).total_seconds() * 1000) if started else None,
    }


def _line(line: OrderLine, kind: PriceKind) -> dict[str, Any]:
    product = line.product
    return {
        "product": product.code,
        "variant": line.variant.code,
        "name": line.name,
        "option": line.variant_name,
        "regular_price": line.regular_price,
        "unit_price": line.unit_price,
        "price_kind": kind.value,
        "quantity": line.quantity,
        "description_digest": hashlib.sha256(product.description.encode()).hexdigest(),
        "condition": product.condition,
        "return_days": product.return_days,
        "return_terms": product.return_terms,
        "shipping_rule": _rule(product.shipping),
    }


def _rule(rule: ShippingRule | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "name": rule.name,
        "fee": rule.fee,
        "free_from": rule.free_from,
        "remote_fee": rule.remote_fee,
    }
