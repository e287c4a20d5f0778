"""Telling somebody whose turn has come: on their open pages at once, and by mail, at most once."""

import logging
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.undeliverable import is_undeliverable
from catalog.models import Product
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing, compose
from common.member_news import tell_member_on_commit
from common.redis_client import redis_client
from orders.deals.events import WaitingOffered
from orders.models import Checkout, Waiting
from orders.signals import waiting_offered

logger = logging.getLogger(__name__)

MARKED_SECONDS = 24 * 3600
"""How long it is remembered that a mail went out: longer than any task is tried again."""


def tell_offered(waiting: Waiting, checkout: Checkout, product: Product) -> None:
    """Tell the member after the commit."""
    event = WaitingOffered(
        checkout=checkout.code, product=product.name, until=checkout.expires_at.isoformat()
    )
    tell_member_on_commit(waiting.member_id, event)
    news = partial(waiting_offered.send_robust, Waiting, waiting_id=waiting.pk)
    transaction.on_commit(news, robust=True)


def mail_offered(waiting_id: int) -> None:
    """Send the mail of an offer that still stands, at most once. Raises ProviderError: not sent, later perhaps.

    The mark is set before the call and taken back only when surely nothing went out (decision 0007).
    """
    waiting = Waiting.objects.select_related("member", "variant__product", "checkout").get(pk=waiting_id)
    checkout = waiting.checkout
    if checkout is None or not checkout.in_time(timezone.now()) or is_undeliverable(waiting.member.email):
        return
    mark = f"mailed:waiting:{waiting_id}"
    if not redis_client().set(mark, "1", nx=True, ex=MARKED_SECONDS):
        return
    try:
        with Mailing() as mailing:
            mailing.send(_message(waiting, checkout))
    except (ProviderRefused, OutcomeUnknown):
        logger.warning("offer not mailed", exc_info=True, extra={"waiting": waiting_id})
    except ProviderError:
        redis_client().delete(mark)
        raise


def _message(waiting: Waiting, checkout: Checkout) -> EmailMessage:
    product = waiting.variant.product
    context = {
        "name": " ".join(product.name.split()),  # a line break would end the subject
        "variant": waiting.variant.name,
        "total": checkout.total,
        "until": checkout.expires_at,
        "page_url": f"{settings.SITE_URL}{reverse('orders:checkout', args=[checkout.code])}",
    }
    subject, body = compose("orders/mail/waiting.txt", context)
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject,
        body,
        to=[waiting.member.email],
        headers={"Message-ID": f"<waiting.{waiting.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
