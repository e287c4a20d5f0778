"""Taking and giving back stock: one conditional UPDATE per product, never read-then-write."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import F

from catalog.models import Stock
from catalog.signals import stock_changed
from common.errors import DomainError


class OutOfStock(DomainError):
    """Fewer are left than were asked for."""

    code = "out_of_stock"

    def __init__(self, product_id: int, left: int) -> None:
        super().__init__()
        self.product_id = product_id
        self.left = left


def take_stock(quantities: Mapping[int, int]) -> None:
    """Take {product id: count}; all or, with `OutOfStock`, nothing (the caller's transaction must then roll back).

    Make this the last statement of the transaction: from here to the commit every other buyer of the product
    waits. Products are taken in the order of their ids, so that two carts cannot deadlock.
    """
    assert connection.in_atomic_block, "stock is taken inside the transaction that writes the order"  # noqa: S101
    for product_id in sorted(quantities):
        if not take_if_left(product_id, quantities[product_id]):
            raise OutOfStock(product_id, Stock.objects.get(product_id=product_id).left)
    _announce(quantities)


def take_if_left(product_id: int, count: int) -> bool:
    """Take `count` if that many are left, and say whether they were. This one statement is the guard."""
    return bool(
        Stock.objects.filter(product_id=product_id, left__gte=count).update(
            left=F("left") - count, version=F("version") + 1
        )
    )


@transaction.atomic
def give_back_stock(quantities: Mapping[int, int]) -> None:
    """Return {product id: count} to the shelf, for an order that came to nothing."""
    for product_id in sorted(quantities):
        Stock.objects.filter(product_id=product_id).update(
            left=F("left") + quantities[product_id], version=F("version") + 1
        )
    _announce(quantities)


def _announce(quantities: Mapping[int, int]) -> None:
    product_ids = sorted(quantities)
    transaction.on_commit(lambda: stock_changed.send_robust(Stock, product_ids=product_ids), robust=True)
