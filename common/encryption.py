"""A text column that is encrypted in the database (Fernet: AES-CBC with HMAC)."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.signals import setting_changed
from django.db import models


@cache
def fernet() -> MultiFernet:
    """Return the site's cipher: encrypts with the first of FIELD_ENCRYPTION_KEYS, decrypts with any."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])


def forget_keys(*, setting: str, **kwargs: object) -> None:
    if setting == "FIELD_ENCRYPTION_KEYS":
        fernet.cache_clear()


setting_changed.connect(forget_keys)


class EncryptedTextField(models.TextField):
    """Holds text that only this site can read. It cannot be searched: keep a digest beside it for look-ups."""

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 Django's signature
        text = super().get_prep_value(value)
        return fernet().encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return fernet().decrypt(value).decode() if value else value
