"""What periodic tasks look after: no stock stays with an unpaid order, no payment stays without an answer."""

import logging
from datetime import timedelta

from django.utils import timezone

from common.errors import ProviderError
from orders.actions import expire_order
from orders.models import Order, Payment
from orders.paying import settle_payment

logger = logging.getLogger(__name__)

PAYMENTS_A_ROUND = 100
ASK_AGAIN_AFTER = timedelta(seconds=15)


def expire_orders() -> int:
    """Give the stock of overdue orders back; return how many there were."""
    ids = list(Order.objects.overdue().order_by("expires_at").values_list("pk", flat=True)[:500])
    return sum(expire_order(order_id) for order_id in ids)


def settle_payments() -> int:
    """Ask about payments whose buyer never came back; return how many were asked about.

    A provider that does not answer ends the round. The longest not asked go first, so one payment that always
    fails holds nobody up for ever.
    """
    waiting = Payment.objects.unsettled().filter(asked_at__lte=timezone.now() - ASK_AGAIN_AFTER)
    asked = 0
    for payment_id in waiting.order_by("asked_at").values_list("pk", flat=True)[:PAYMENTS_A_ROUND]:
        asked += 1
        try:
            settle_payment(payment_id)
        except ProviderError:
            logger.warning("payment not settled", exc_info=True, extra={"payment": payment_id})
            break
    return asked
