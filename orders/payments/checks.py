"""`manage.py check` builds the payment providers, and says when nobody would really pay."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 Django's name
from django.core.exceptions import ImproperlyConfigured

from common.providers import provider


@register()
def check_payments(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Build each adapter; they call nobody for that."""
    found: list[CheckMessage] = []
    for method in settings.PAYMENTS:
        try:
            provider("PAYMENTS", method)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), hint="docs/settings.md", obj=method, id="orders.E001"))
    if not settings.PAYMENT_METHODS:
        found.append(
            Warning(
                "Nothing can be paid: no payment method is set up.", hint="docs/settings.md", id="orders.W001"
            )
        )
    return found


@register(deploy=True)
def check_sandbox(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Whoever chooses the practice provider gets goods for nothing."""
    if settings.DEBUG or "sandbox" not in settings.PAYMENTS:
        return []
    text = "Buyers may choose the practice provider, where nobody really pays."
    return [Warning(text, hint="Take SANDBOX_PAYMENTS=1 away.", id="orders.W002")]
