"""What sending costs."""

import re
from collections.abc import Iterable

from catalog.models import ShippingRule

# Jeju, and the islands and remote places that carriers charge for, by postcode (5 digits since August 2015):
# the ranges that Korea Post and the large carriers publish for surcharges.
_REMOTE = ((63000, 63644), (23008, 23010), (23100, 23116), (23124, 23136), (40200, 40240), (58760, 58762))


def is_remote(postcode: str) -> bool:
    """Whether carriers charge extra for this postcode; an empty one is not remote."""
    if not re.fullmatch(r"\d{5}", postcode):
        return False
    return any(first <= int(postcode) <= last for first, last in _REMOTE)


def shipping_fee(amounts: Iterable[tuple[ShippingRule | None, int]], *, postcode: str = "") -> int:
    """Return the won that one order pays for sending goods, given as (rule, amount in won before coupons).

    Goods of one rule travel together and pay its fee once, or nothing from its free amount on; each rule pays for
    itself. The remote fee is added once for each rule.
    """
    sums: dict[int, int] = {}
    rules: dict[int, ShippingRule] = {}
    for rule, amount in amounts:
        if rule is not None:
            rules[rule.pk] = rule
            sums[rule.pk] = sums.get(rule.pk, 0) + amount
    remote = is_remote(postcode)
    return sum(_fee(rule, sums[pk], remote=remote) for pk, rule in rules.items())


def _fee(rule: ShippingRule, amount: int, *, remote: bool) -> int:
    free = rule.free_from is not None and amount >= rule.free_from
    return (0 if free else rule.fee) + (rule.remote_fee if remote else 0)
