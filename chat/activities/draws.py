"""How a draw is decided, so that anybody can decide it again: docs/draws.md says the same with an example."""

import hashlib
import secrets
from collections.abc import Iterable


def new_seed() -> str:
    """Return 256 random bits as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def commitment_of(seed: str) -> str:
    """Return what is shown while the seed is secret: SHA-256 of its digits, hexadecimal."""
    return _sha256(seed)


def list_digest_of(tickets: Iterable[str]) -> str:
    """Return SHA-256 of the tickets in alphabetical order with line feeds between them, hexadecimal."""
    return _sha256("\n".join(sorted(tickets)))


def drawn(seed: str, tickets: Iterable[str], places: int) -> list[str]:
    """Return the winning tickets, the first first.

    Every ticket gets the SHA-256 of "seed:digest of the list:ticket"; the lowest win.
    """
    tickets = list(tickets)
    digest = list_digest_of(tickets)
    return sorted(tickets, key=lambda ticket: _sha256(f"{seed}:{digest}:{ticket}"))[:places]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
