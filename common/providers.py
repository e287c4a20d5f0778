"""Outside services are ports: settings name the adapter, `provider()` builds it."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string


@cache
def provider(setting: str, name: str = "default") -> Any:  # noqa: ANN401 the caller names the port's type
    """Return the adapter that `settings.<setting>[name]` names, built once per process."""
    config = getattr(settings, setting)[name]
    return import_string(config["BACKEND"])(**config.get("OPTIONS", {}))


def forget_providers(**kwargs: object) -> None:
    provider.cache_clear()


setting_changed.connect(forget_providers)  # so that override_settings reaches adapters built earlier
