"""What periodic tasks look after: no piece stays with an unpaid checkout, no payment or refund without an answer."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders.holding import expire_hold
from orders.models import Checkout, Payment, Refund
from orders.paying import settle_payment, settle_refund

logger = logging.getLogger(__name__)

HOLDS_A_ROUND = 500
PAYMENTS_A_ROUND = 100
ASK_AGAIN_AFTER = timedelta(seconds=15)
OLD = timedelta(minutes=15)
OLD_AGAIN_AFTER = timedelta(minutes=2)
"""Of what nobody waits for any more, some providers know the end only after half an hour."""


def expire_holds() -> int:
    """Give the stock of overdue checkouts back; return how many there were."""
    ids = Checkout.objects.overdue().order_by("expires_at").values_list("pk", flat=True)[:HOLDS_A_ROUND]
    return sum(expire_hold(checkout_id) for checkout_id in list(ids))


def settle_payments() -> int:
    """Ask about payments whose buyer never came back; return how many were asked about.

    The longest not asked go first, so one payment that always fails holds nobody up for ever.
    """
    now = timezone.now()
    is_due = Q(asked_at__lte=now - OLD_AGAIN_AFTER) | Q(
        asked_at__lte=now - ASK_AGAIN_AFTER, created_at__gt=now - OLD
    )
    waiting = Payment.objects.unsettled().filter(is_due).order_by("asked_at")
    return _ask(settle_payment, waiting.values_list("pk", "method")[:PAYMENTS_A_ROUND])


def settle_payments_of(checkout_id: int) -> int:
    """Settle what a checkout left open at providers; return how many were asked about."""
    left = Payment.objects.unsettled().filter(checkout=checkout_id)
    return _ask(settle_payment, left.values_list("pk", "method"))


def settle_refunds() -> int:
    """Ask again for refunds that are not done; return how many were asked for."""
    waiting = Refund.objects.filter(
        status=Refund.Status.ASKED, asked_at__lte=timezone.now() - ASK_AGAIN_AFTER
    )
    rows = waiting.order_by("asked_at").values_list("pk", "payment__method")
    return _ask(settle_refund, rows[:PAYMENTS_A_ROUND])


def _ask(settle: Callable[[int], None], rows: Iterable[tuple[int, str]]) -> int:
    """Of a provider that does not answer the rest waits for the next round; the others' go on."""
    asked, silent = 0, set()
    for pk, method in rows:
        if method in silent:
            continue
        asked += 1
        try:
            settle(pk)
        except ProviderError as error:
            logger.warning(
                "provider did not settle", exc_info=True, extra={"what": settle.__name__, "pk": pk}
            )
            if not isinstance(error, ProviderRefused):
                silent.add(method)
    return asked
