"""Staff hear of money that does not go the usual way: what came and no order may take, what would not go back."""

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from common.errors import OutcomeUnknown, ProviderRefused
from common.mail import Mailing, compose
from orders.models import Payment, Refund

logger = logging.getLogger(__name__)


def mail_stray(payment_id: int) -> None:
    """A payment came that goes back by itself. Raises ProviderError: not sent, later perhaps."""
    payment = Payment.objects.select_related("checkout").get(pk=payment_id)
    _mail("orders/mail/stray.txt", payment, {"checkout": payment.checkout})


def mail_refused_refund(refund_id: int) -> None:
    """The provider will not pay back: somebody must do it otherwise. Raises ProviderError as above."""
    refund = Refund.objects.select_related("payment", "order").get(pk=refund_id)
    _mail("orders/mail/refund_refused.txt", refund.payment, {"refund": refund, "order": refund.order})


def _mail(template: str, payment: Payment, context: dict[str, Any]) -> None:
    if not settings.STAFF_EMAILS:
        return
    page = reverse("admin:orders_payment_change", args=[payment.pk])
    subject, body = compose(
        template, context | {"payment": payment, "page_url": f"{settings.SITE_URL}{page}"}
    )
    try:
        with Mailing() as mailing:
            mailing.send(EmailMessage(subject, body, to=settings.STAFF_EMAILS))
    except (ProviderRefused, OutcomeUnknown):
        logger.warning("staff not mailed", exc_info=True, extra={"payment": payment.ref})
