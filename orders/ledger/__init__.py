"""The books: every won that moved, each happening once (`orders.models.Transfer`)."""

from orders.ledger.balances import balance, balances
from orders.ledger.booking import (
    book_ad,
    book_correction,
    book_payment,
    book_payout,
    book_refund,
    book_refund_by_hand,
    book_refund_owed,
    book_sale,
    book_stray,
)
from orders.ledger.tips import book_tip, book_tip_owed

__all__ = [
    "balance",
    "balances",
    "book_ad",
    "book_correction",
    "book_payment",
    "book_payout",
    "book_refund",
    "book_refund_by_hand",
    "book_refund_owed",
    "book_sale",
    "book_stray",
    "book_tip",
    "book_tip_owed",
]
