"""Addresses that mail must not go to: they bounced for good, or their owner called a mail of ours spam."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Undeliverable


def note_undeliverable(address: str, *, reason: Undeliverable.Reason, at: datetime) -> None:
    """Keep an address from now on; harmless when repeated. A complaint outweighs a bounce."""
    row, fresh = Undeliverable.objects.get_or_create(
        address=address.lower(), defaults={"reason": reason, "at": at}
    )
    if not fresh and reason == Undeliverable.Reason.COMPLAINED:
        Undeliverable.objects.filter(pk=row.pk).update(reason=reason)


def is_undeliverable(address: str) -> bool:
    """Whether mail must not go there."""
    return Undeliverable.objects.filter(address=address.lower()).exists()


def undeliverable_among(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses, as they are given, that mail must not go to."""
    given = set(addresses)
    lowered = {address.lower() for address in given}
    found = set(Undeliverable.objects.filter(address__in=lowered).values_list("address", flat=True))
    return {address for address in given if address.lower() in found}
