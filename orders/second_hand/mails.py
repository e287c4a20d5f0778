"""Mail between a buyer and a seller. The words stand in templates/orders/mail/: the first line of each is the subject.

Each is sent at most once: a task that was lost after its mail left is not started again, and only what surely was
not sent is tried anew.
"""

import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.undeliverable import is_undeliverable
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing
from orders.models import Meeting, Offer, Order

logger = logging.getLogger(__name__)

SOON, UNFINISHED = "soon", "unfinished"

AT_MOST_ONCE: dict[str, Any] = {
    "acks_late": False,
    "autoretry_for": (ProviderError,),
    "dont_autoretry_for": (ProviderRefused,),
    "max_retries": 5,
    "retry_backoff": 15,
}


@shared_task(name="orders.mail_about_offer", **AT_MOST_ONCE)
def mail_about_offer(offer_id: int, side: str, status: str, price: int) -> None:
    """Tell one side where the offer stands, unless it stands elsewhere by now."""
    offer = Offer.objects.select_related("buyer", "variant__product__seller").get(pk=offer_id)
    if (offer.status, offer.price) != (status, price):
        return
    seller = offer.variant.product.seller
    reader, across = (offer.buyer, seller) if side == Offer.Side.BUYER else (seller, offer.buyer)
    context = {
        "offer": offer,
        "side": side,
        "across": across.nickname,
        "product": " ".join(offer.variant.product.name.split()),  # a line break would end the subject
        "page_url": settings.SITE_URL + reverse("orders:offer", args=[offer.code]),
    }
    _send("orders/mail/offer.txt", reader.email if reader.is_active else "", context)


@shared_task(name="orders.mail_about_meeting", **AT_MOST_ONCE)
def mail_about_meeting(order_id: int, side: str, status: str, news: str = "") -> None:
    """Tell one side where the hand-over stands, unless it stands elsewhere by now; `status` "": no meeting yet.

    `news` is SOON before the time and UNFINISHED long after it, where the status alone says too little.
    """
    order = Order.objects.select_related("buyer", "seller", "checkout").get(pk=order_id)
    meeting = Meeting.objects.filter(order=order).first()
    if (meeting.status if meeting else "") != status:
        return
    first = order.lines.first()
    context = {
        "order": order,
        "meeting": meeting,
        "side": side,
        "news": news,
        "accused": meeting is not None and meeting.missed_by == side,
        "across": order.seller.nickname if side == Offer.Side.BUYER else _name_of_buyer(order),
        "product": " ".join(first.name.split()) if first else "",
        "hours": settings.NO_SHOW_HOURS,
        "page_url": settings.SITE_URL + reverse("orders:receipt", args=[order.code]),
    }
    _send("orders/mail/meeting.txt", _address_of(order, side), context)


def _name_of_buyer(order: Order) -> str:
    return order.buyer.nickname if order.buyer else order.checkout.ship_name


def _address_of(order: Order, side: str) -> str:
    if side == Offer.Side.SELLER:
        return order.seller.email if order.seller.is_active else ""
    if order.buyer is None:
        return order.checkout.email
    return order.buyer.email if order.buyer.is_active else ""


def _send(template: str, address: str, context: dict[str, Any]) -> None:
    if not address or is_undeliverable(address):
        return
    # A worker knows no reader's clock: times in mails are the site's, and say so.
    with timezone.override(settings.TIME_ZONE):
        text = render_to_string(template, context | {"site_name": settings.SITE_NAME})
    subject, _, body = text.strip().partition("\n")
    message = EmailMessage(
        subject, body.strip() + "\n", to=[address], headers={"Auto-Submitted": "auto-generated"}
    )
    try:
        with Mailing() as mailing:
            mailing.send(message)
    except (ProviderRefused, OutcomeUnknown):
        logger.warning("mail not delivered", exc_info=True, extra={"template": template})
