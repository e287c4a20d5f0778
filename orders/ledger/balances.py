"""What stands in the accounts, read from the rows: there is no second number that could differ from them."""

from datetime import datetime

from django.db.models import Q, Sum

from accounts.models import User
from orders.models import Transfer

Account = Transfer.Account

DEBIT_ACCOUNTS = {Account.PROVIDER, Account.FEES, Account.COUPONS, Account.LOSSES}
"""What we have, and what things cost us: these grow by debits. All others are what we owe, earn or paid out."""


def balances(*, seller: User | None = None, until: datetime | None = None) -> dict[str, int]:
    """Return {account: won} in one query, of one seller's rows and before a moment if given.

    Every account counts in its own direction: a plain sale leaves them all above zero.
    """
    rows = Transfer.objects.all()
    if seller is not None:
        rows = rows.filter(seller=seller)
    if until is not None:
        rows = rows.filter(at__lt=until)
    sums = rows.aggregate(
        **{f"debit_{account}": Sum("amount", filter=Q(debit=account)) for account in Account.values},
        **{f"credit_{account}": Sum("amount", filter=Q(credit=account)) for account in Account.values},
    )
    found = {}
    for account in Account.values:
        credits = (sums[f"credit_{account}"] or 0) - (sums[f"debit_{account}"] or 0)
        found[account] = -credits if account in DEBIT_ACCOUNTS else credits
    return found


def balance(account: str, *, seller: User | None = None, until: datetime | None = None) -> int:
    """Return the won of one account, in one query."""
    return balances(seller=seller, until=until)[account]
