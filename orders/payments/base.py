"""The payments port. Adapters: `sandbox` (practice, nobody pays), `stripe` and `toss`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


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
    started_at: datetime
    """When the payment began here; the same in every repeat."""
    expires_at: datetime
    """When its hold ends. It may be made longer after the start; who pays too late gets the money back."""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A payment that waits for its buyer."""

    address: str
    """Of the page where the buyer pays."""
    provider_ref: str = ""
    """The provider's name of it, if it has one already."""


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
    """What was really taken, less what went back already, in won; says something only with SUCCEEDED."""
    currency: str = "KRW"
    """ISO 4217, upper case; another one than KRW is a wrong amount."""
    provider_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A webhook call that was proved to come from the provider. It says where to look, never what to believe."""

    event_id: str
    """The provider's, or a digest of the body: the same call twice has the same."""
    type: str
    ref: str
    """Our name of the payment it speaks of, "" if it names none."""
    body: dict[str, Any] = field(default_factory=dict)
    """What is kept of it: no card data, no secrets."""


class BadSignature(Exception):
    """A webhook call was not made by the provider, or is too old."""


class Payments:
    """What a payment provider must do. Methods may raise ProviderError or ProviderRefused.

    A method makes few calls, each of which gives up after 10 s. A call that went out without an answer raises
    ProviderError: every method may be repeated harmlessly. Errors name codes, never keys or people.
    """

    def start(self, charge: Charge) -> Started:
        """Return where the buyer pays. Repeating it with the same `ref` gives the same payment."""
        raise NotImplementedError

    def confirm(self, ref: str, provider_ref: str, amount: int, returned: Mapping[str, str]) -> Outcome:
        """Take the money, where the provider waits for our word, after the browser came back with `returned`.

        Only called while the checkout may be paid. `returned` is what the address said, which the buyer may have
        written: it is passed on to the provider or ends the payment, it never makes one.
        Providers that take the money by themselves just look it up.
        """
        return self.look_up(ref, provider_ref)

    def look_up(self, ref: str, provider_ref: str) -> Outcome:
        """Return the truth about a payment."""
        raise NotImplementedError

    def cancel(self, ref: str, provider_ref: str) -> None:
        """See to it that a payment which nobody made takes no money any more. Nothing happens to one that was made."""
        raise NotImplementedError

    def refund(self, ref: str, provider_ref: str, amount: int, *, key: str, reason: str) -> None:
        """Give back `amount` won of a payment. The same `key` again is the same refund. Returns once it is done."""
        raise NotImplementedError

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a webhook call says. Raises BadSignature; ValueError for a body one cannot read.

        `headers` have lower-case names.
        """
        raise NotImplementedError
