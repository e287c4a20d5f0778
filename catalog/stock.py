"""What is left of each variant: one conditional UPDATE per variant, never read-then-write.

An order takes pieces and gives them back; a seller moves them in and out with a reason. Returned goods come back
by giving back what the order took.
"""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from catalog.models import Stock, StockMovement
from catalog.signals import stock_changed
from common.errors import DomainError
from common.prepared import PreparedUpdate


class OutOfStock(DomainError):
    """Fewer are left than were asked for."""

    code = "out_of_stock"

    def __init__(self, variant_id: int, left: int) -> None:
        super().__init__()
        self.variant_id = variant_id
        self.left = left


def take_stock(quantities: Mapping[int, int]) -> None:
    """Take {variant id: count}; all or, with `OutOfStock`, nothing (the caller's transaction must then roll back).

    Make this the last statement of the transaction: from here to the commit every other buyer of the variant
    waits. Variants are taken in the order of their ids, so that two carts cannot deadlock.
    """
    assert connection.in_atomic_block, "stock is taken inside the transaction that writes the order"  # noqa: S101
    for variant_id in sorted(quantities):
        if not take_if_left(variant_id, quantities[variant_id]):
            raise OutOfStock(variant_id, Stock.objects.get(variant_id=variant_id).left)
    _announce(quantities, more=False)


def take_if_left(variant_id: int, count: int) -> bool:
    """Take `count` if that many are left, and say whether they were. This one statement is the guard."""
    return bool(_take(variant_id, count))


_take = PreparedUpdate(
    lambda variant_id, count: (
        Stock.objects.filter(variant_id=variant_id, left__gte=count),
        {"left": F("left") - count, "version": F("version") + 1},
    )
)


@transaction.atomic
def give_back_stock(quantities: Mapping[int, int]) -> None:
    """Return {variant id: count} to the shelf, for an order that came to nothing or goods that came back."""
    for variant_id in sorted(quantities):
        Stock.objects.filter(variant_id=variant_id).update(
            left=F("left") + quantities[variant_id], version=F("version") + 1
        )
    _announce(quantities, more=True)


@transaction.atomic
def move_stock(variant_id: int, quantity: int, *, kind: str, by: User | None, reason: str = "") -> None:
    """Let pieces come in (+) or go out (-) for a reason that is kept. OutOfStock if fewer are left than go out."""
    StockMovement.objects.create(variant_id=variant_id, kind=kind, quantity=quantity, reason=reason, by=by)
    if quantity < 0:
        take_stock({variant_id: -quantity})
    else:
        give_back_stock({variant_id: quantity})


def _announce(quantities: Mapping[int, int], *, more: bool) -> None:
    variant_ids = sorted(quantities)
    transaction.on_commit(
        lambda: stock_changed.send_robust(Stock, variant_ids=variant_ids, more=more), robust=True
    )
