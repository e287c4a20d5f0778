from typing import cast

from django.conf import settings

from common.errors import ProviderRefused
from common.providers import provider
from orders.payments.base import Payments


def payments(method: str) -> Payments:
    """Return the provider behind a key of settings.PAYMENTS; ProviderRefused if there is none any more."""
    if method not in settings.PAYMENTS:
        raise ProviderRefused(f"no payment method {method!r}")
    return cast(Payments, provider("PAYMENTS", method))
