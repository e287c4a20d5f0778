"""What periodic tasks look after: no piece stays with an unpaid checkout, no payment or refund without an answer."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils import timezone

from common.errors import ProviderError
from orders.holding import expire_hold
from orders.models import Checkout, Payment, Refund
from orders.paying import settle_payment, settle_refund

logger = logging.getLogger(__name__)

HOLDS_A_ROUND = 500
PAYMENTS_A_ROUND = 100
ASK_AGAIN_AFTER = timedelta(seconds=15)


def expire_holds() -> int:
    """Give the stock of overdue checkouts back; return how many there were."""
    ids = Checkout.objects.overdue().order_by("expires_at").values_list("pk", flat=True)[:HOLDS_A_ROUND]
    return sum(expire_hold(checkout_id) for checkout_id in list(ids))


def settle_payments() -> int:
    """Ask about payments whose buyer never came back; return how many were asked about.

    The longest not asked go first, so one payment that always fails holds nobody up for ever.
    """
    waiting = Payment.objects.unsettled().filter(asked_at__lte=timezone.now() - ASK_AGAIN_AFTER)
    return _ask(settle_payment, waiting.order_by("asked_at").values_list("pk", flat=True)[:PAYMENTS_A_ROUND])


def settle_refunds() -> int:
    """Ask again for refunds that are not done; return how many were asked for."""
    waiting = Refund.objects.filter(
        status=Refund.Status.ASKED, asked_at__lte=timezone.now() - ASK_AGAIN_AFTER
    )
    return _ask(settle_refund, waiting.order_by("asked_at").values_list("pk", flat=True)[:PAYMENTS_A_ROUND])


def _ask(settle: Callable[[int], None], ids: Iterable[int]) -> int:
    """A provider that does not answer ends the round."""
    asked = 0
    for pk in ids:
        asked += 1
        try:
            settle(pk)
        except ProviderError:
            logger.warning(
                "provider did not settle", exc_info=True, extra={"what": settle.__name__, "pk": pk}
            )
            break
    return asked
