"""Rows of the books at a chosen moment, for tests of settling: what a seller earned, gave back or owes."""

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from orders.ledger.walk import SHAPES
from orders.models import Transfer

SEOUL = ZoneInfo("Asia/Seoul")
_numbers = itertools.count(1)


def seoul(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=SEOUL)


def move(
    seller: User, kind: str, amount: int, at: datetime, *, back: bool = False, note: str = ""
) -> Transfer:
    """Write a row of a kind that moves the seller's account; `back` takes the kind's other direction."""
    pairs = sorted(pair for pair in SHAPES[kind] if "seller" in pair)
    debit, credit = pairs[-1 if back else 0]
    row = Transfer(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        seller=seller,
        once=f"test:{next(_numbers)}",
        note=note,
    )
    Transfer._meta.get_field("at").auto_now_add = False
    try:
        row.at = at
        Transfer.objects.bulk_create([row])
    finally:
        Transfer._meta.get_field("at").auto_now_add = True
    return row
