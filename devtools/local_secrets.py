"""The random secrets of the site on this machine, made once and kept beside its data."""

import base64
import os
import secrets
from pathlib import Path


def new_secrets() -> dict[str, str]:
    """Random secrets such as the settings want."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INGEST_CONTROL_SECRET": secrets.token_urlsafe(32),
    }


def load_or_create(path: Path) -> dict[str, str]:
    """Return this site's secrets, from a file that only its owner can read (mode 0600)."""
    if not path.exists():
        _create(path)
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".new")
    whole.unlink(missing_ok=True)
    with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in new_secrets().items())
    whole.rename(path)
