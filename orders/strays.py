"""Staff hear of money that came and no order may take. It goes back by itself; somebody should know why it came."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from common.errors import OutcomeUnknown, ProviderRefused
from common.mail import Mailing
from orders.models import Payment

logger = logging.getLogger(__name__)


def mail_stray(payment_id: int) -> None:
    """Tell settings.STAFF_EMAILS of a stray payment. Raises ProviderError: not sent, later perhaps."""
    if not settings.STAFF_EMAILS:
        return
    payment = Payment.objects.select_related("checkout").get(pk=payment_id)
    context = {
        "payment": payment,
        "checkout": payment.checkout,
        "page_url": f"{settings.SITE_URL}{reverse('admin:orders_payment_change', args=[payment.pk])}",
    }
    with timezone.override(settings.TIME_ZONE):
        text = render_to_string("orders/mail/stray.txt", context)
    subject, _, body = text.strip().partition("\n")
    try:
        with Mailing() as mailing:
            mailing.send(EmailMessage(subject, body.strip() + "\n", to=settings.STAFF_EMAILS))
    except (ProviderRefused, OutcomeUnknown):
        logger.warning("staff not mailed", exc_info=True, extra={"payment": payment.ref})
