"""Finding a guest's order: its number and the address it was made with, proved by six digits that are mailed there."""

import secrets

from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac

from common.limits import too_often
from orders.models import Checkout, Order

SECONDS = 600
TRIES = 5
MAILS_AN_HOUR = 5


def new_digits(code: str, email: str) -> str:
    """Return fresh digits for a guest's order, "" if there is none of this number and address.

    Only the newest count. Nobody who asks is told whether there is such an order: call this away from the request.
    """
    order = Order.objects.select_related("checkout").filter(code=code, buyer=None).first()
    if order is None or order.checkout.email.casefold() != email.casefold() or not order.checkout.email:
        return ""
    if too_often("find-mail", order.code, most=MAILS_AN_HOUR, seconds=3600):
        return ""
    digits = f"{secrets.randbelow(10**6):06}"
    cache.set(_key(code), _digest(code, digits), SECONDS)
    return digits


def checkout_for(code: str, digits: str) -> Checkout | None:
    """Return the checkout of an order for who knows the newest digits, which are used up by that; else None."""
    if too_often("find-code", code, most=TRIES, seconds=SECONDS):
        return None
    known = cache.get(_key(code))
    if not known or not constant_time_compare(known, _digest(code, digits)):
        return None
    cache.delete(_key(code))
    return Checkout.objects.filter(orders__code=code, buyer=None).first()


def _key(code: str) -> str:
    return f"find-order:{code}"


def _digest(code: str, digits: str) -> str:
    return salted_hmac("orders.look_up", f"{code}:{digits}", algorithm="sha256").hexdigest()
