"""The six digits that a buyer tells once the goods are in their hands.

They are worked out from the order and the site's secret each time they are shown, and stand nowhere; the table keeps
a keyed digest. Both follow the secret through `SECRET_KEY_FALLBACKS` when it is changed.
"""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import Order

DIGITS = 6


def new_digest(order: Order) -> str:
    """Return what to keep of the order's code: 64 hexadecimal digits, of no use without the site's secret."""
    return _digest(order, _code(order, settings.SECRET_KEY), settings.SECRET_KEY)


def code_of(order: Order, kept: str) -> str:
    """Return the code of which `kept` is the digest, for the buyer's eyes only; "" if the secret is long gone."""
    for secret in map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)):
        code = _code(order, secret)
        if constant_time_compare(_digest(order, code, secret), kept):
            return code
    return ""


def is_code(order: Order, kept: str, typed: str) -> bool:
    """Whether `typed` is the code of which `kept` is the digest."""
    code = code_of(order, kept)
    return bool(code) and constant_time_compare(code, typed)


def _code(order: Order, secret: str) -> str:
    digest = salted_hmac("orders.hand_over_code", order.code, secret=secret, algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}}"


def _digest(order: Order, code: str, secret: str) -> str:
    text = f"{order.code}:{code}"
    return salted_hmac("orders.hand_over_digest", text, secret=secret, algorithm="sha256").hexdigest()
