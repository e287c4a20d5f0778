"""The evidence card: what the buyer was shown at the moment of ordering, kept unchanged with the order."""

import hashlib
import json
from datetime import datetime
from typing import Any

from broadcasts.models import Broadcast
from orders.models import Evidence, Order, OrderLine


def evidence_of(order: Order, lines: list[OrderLine], broadcast: Broadcast | None, at: datetime) -> Evidence:
    """Return the card of an order that is being placed, not saved yet. `lines` come with `product`."""
    card: dict[str, Any] = {
        "order": order.code,
        "shown_at": at.isoformat(),
        "seller": {
            "code": order.seller.code,
            "nickname": order.seller.nickname,
            "name": order.seller.name,
            "kind": order.seller.kind,
        },
        "broadcast": _show(broadcast, at),
        "lines": [
            {
                "product": line.product.code,
                "name": line.name,
                "option": line.variant_name,
                "regular_price": line.regular_price,
                "unit_price": line.unit_price,
                "quantity": line.quantity,
                "return_days": line.product.return_days,
                "return_terms": line.product.return_terms,
                "condition": line.product.condition,
            }
            for line in lines
        ],
        "shipping": order.shipping,
        "goods": order.goods,
    }
    return Evidence(order=order, card=card, digest=digest_of(card))


def digest_of(card: dict[str, Any]) -> str:
    """Return the SHA-256 of the card's canonical JSON, hexadecimal."""
    text = json.dumps(card, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _show(broadcast: Broadcast | None, at: datetime) -> dict[str, Any] | None:
    if broadcast is None:
        return None
    started = broadcast.started_at
    return {
        "code": broadcast.code,
        "title": broadcast.title,
        "started_at": started.isoformat() if started else None,
        "offset_ms": int((at - started).total_seconds() * 1000) if started else None,
    }
