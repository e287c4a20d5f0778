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


def fee_basis_points(method: str) -> int:
    """Return what a provider keeps of a payment, in hundredths of a per cent."""
    return int(settings.PAYMENTS.get(method, {}).get("FEE_BASIS_POINTS", 0))
