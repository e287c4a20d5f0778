"""`manage.py check`, and with it every start by a management command, names what a provider's settings lack."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from common.providers import provider

CHECKED = ("UPLOADS", "TRANSCODING", "PLAYBACK_COOKIES", "LIVE_STREAMING")


@register()
def check_providers(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Build the chosen adapters; they call nobody for that."""
    errors: list[CheckMessage] = []
    for setting in CHECKED:
        try:
            provider(setting)
        except ImproperlyConfigured as error:
            errors.append(Error(str(error), hint="docs/settings.md", obj=setting, id="common.E001"))
    return errors
