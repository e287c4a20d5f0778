"""One task a mail. Acknowledged before it runs: a mail whose worker died is not sent again, it may have left."""

from typing import Any

from celery import shared_task

from common.errors import ProviderError, ProviderRefused
from orders import mails
from orders.models import Order

AT_MOST_ONCE: dict[str, Any] = {
    "acks_late": False,
    "autoretry_for": (ProviderError,),
    "dont_autoretry_for": (ProviderRefused,),
    "max_retries": 5,
    "retry_backoff": 15,
}

mail_paid = shared_task(mails.mail_paid, name="orders.mail_paid", **AT_MOST_ONCE)
mail_new_order = shared_task(mails.mail_new_order, name="orders.mail_new_order", **AT_MOST_ONCE)
mail_order = shared_task(mails.mail_order, name="orders.mail_order", **AT_MOST_ONCE)
mail_claim = shared_task(mails.mail_claim, name="orders.mail_claim", **AT_MOST_ONCE)
mail_sent_back = shared_task(mails.mail_sent_back, name="orders.mail_sent_back", **AT_MOST_ONCE)
mail_refund = shared_task(mails.mail_refund, name="orders.mail_refund", **AT_MOST_ONCE)
mail_dispute = shared_task(mails.mail_dispute, name="orders.mail_dispute", **AT_MOST_ONCE)
mail_order_code = shared_task(mails.mail_order_code, name="orders.mail_order_code", **AT_MOST_ONCE)


@shared_task(name="orders.tell_paid", acks_late=False)
def tell_paid(checkout_id: int) -> None:
    """Queue the mails about a paid checkout: in a rush the one who pays does not wait for that."""
    order_ids = list(Order.objects.filter(checkout=checkout_id).values_list("pk", flat=True))
    if order_ids:  # a tip has none
        mail_paid.delay(checkout_id)
    for order_id in order_ids:
        mail_new_order.delay(order_id)
