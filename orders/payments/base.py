"""The payments port. Adapters: `sandbox` (practice, nobody pays), later Stripe and Toss Payments."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What the buyer is asked to pay."""

    ref: str
    """Our name of the payment: unique, and what the provider is asked by later."""
    amount: int
    """Won."""
    order_name: str
    return_url: str
    """Where the provider sends the buyer's browser afterwards, whatever the outcome."""
    expires_at: datetime
    """The provider takes no money after this."""


class State(Enum):
    UNKNOWN = "unknown"
    """The provider has no such payment: it was never started."""
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """By the buyer, or because its time ran out."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a payment, as its provider tells."""

    state: State
    amount: int = 0
    """What was really taken, in won; says something only with SUCCEEDED."""
    provider_ref: str = ""


class Payments:
    """What a payment provider must do. Every method may raise ProviderError or ProviderRefused, within 10 s."""

    def start(self, charge: Charge) -> str:
        """Return the address of the page where the buyer pays. Repeating it with the same `ref` is harmless."""
        raise NotImplementedError

    def look_up(self, ref: str) -> Outcome:
        """Return the truth about a payment."""
        raise NotImplementedError

    def refund(self, ref: str) -> None:
        """Give the whole amount of a succeeded payment back. Repeating it is harmless."""
        raise NotImplementedError
