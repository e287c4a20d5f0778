"""Public identifiers: random, so that they neither leak counts nor can be guessed."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without look-alikes: people read these aloud


def new_code() -> str:
    """Return a fresh code of 12 characters (59 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def new_secret() -> str:
    """Return a fresh secret of 43 characters (256 bits) that fits into an address."""
    return secrets.token_urlsafe(32)
