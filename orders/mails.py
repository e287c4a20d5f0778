"""Mail about orders. The words stand in templates/orders/mail/: the first line of each is the subject.

Each is sent at most once (docs/decisions/0007-a-reminder-is-sent-at-most-once.md): its task is queued once, by the
one move or message that it tells of, and only what surely was not sent is tried again.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User
from accounts.undeliverable import is_undeliverable
from catalog.models import Product
from common.errors import OutcomeUnknown, ProviderRefused
from common.mail import Mailing, compose
from orders.buyer.look_up import SECONDS, new_digits
from orders.carriers import CARRIERS, tracking_address
from orders.claims import REASONS
from orders.disputes import SUBJECTS
from orders.models import Checkout, Claim, Dispute, DisputeMessage, Order, Refund
from orders.terms import last_day

logger = logging.getLogger(__name__)
Side = DisputeMessage.Side


def mail_paid(checkout_id: int) -> None:
    """To the buyer: what was bought and how it comes, in one mail."""
    checkout = Checkout.objects.select_related("buyer").get(pk=checkout_id)
    orders = list(checkout.orders.select_related("seller").prefetch_related("lines").order_by("pk"))
    context = {
        "checkout": checkout,
        "orders": orders,
        "are_met": any(order.deal == Product.Deal.DIRECT for order in orders),
        "are_sent": any(order.deal != Product.Deal.DIRECT for order in orders),
        "page_url": _page(orders[0]) if len(orders) == 1 else _list(),
        "find_url": settings.SITE_URL + reverse("orders:find"),
    }
    send("orders/mail/paid.txt", _buyer(checkout), context, name=f"paid.{checkout.pk}")


def mail_new_order(order_id: int) -> None:
    """To the seller: something to send, or to hand over."""
    order = _order(order_id)
    context = {"order": order, "page_url": _seller_page(order)}
    send("orders/mail/new_order.txt", _member(order.seller), context, name=f"new.{order.code}")


def mail_order(order_id: int, news: str) -> None:
    """To the buyer: it was `shipped` or `delivered`, or will be confirmed by itself (`confirm_soon`)."""
    order = _order(order_id)
    known = order.carrier in CARRIERS
    context = {
        "order": order,
        "news": news,
        "carrier": CARRIERS[order.carrier].name if known else "",
        "tracking_url": tracking_address(order.carrier, order.tracking_number),
        "last_day": last_day(order),
        "page_url": _page(order),
    }
    send(f"orders/mail/{news}.txt", _buyer(order.checkout), context, name=f"{news}.{order.code}")


def mail_claim(claim_id: int, status: str, reader: str) -> None:
    """To one side: what the other wants, answered or carried out."""
    claim = Claim.objects.get(pk=claim_id)
    order = _order(claim.order_id)
    context = {
        "order": order,
        "claim": claim,
        "status": status,
        "reader": reader,
        "reason": REASONS[claim.reason].label if claim.reason in REASONS else "",
    }
    _send_to(reader, order, "orders/mail/claim.txt", context, name=f"claim.{claim.code}.{status}.{reader}")


def mail_sent_back(claim_id: int, number: str) -> None:
    """To the seller: the return is on its way, unless it arrived or is in another parcel by now."""
    claim = Claim.objects.get(pk=claim_id)
    if not claim.waits_for_goods or claim.tracking_number != number:
        return
    order = _order(claim.order_id)
    context = {"order": order, "claim": claim}
    name = f"sent_back.{claim.code}.{number}"
    _send_to(Side.SELLER, order, "orders/mail/sent_back.txt", context, name=name)


def mail_refund(refund_id: int) -> None:
    """To the buyer: the money is on its way to the card or account."""
    refund = Refund.objects.get(pk=refund_id)
    assert refund.order_id is not None, "stray payments have a mail of their own"  # noqa: S101
    order = _order(refund.order_id)
    context = {"order": order, "refund": refund, "page_url": _page(order)}
    send("orders/mail/refund.txt", _buyer(order.checkout), context, name=f"refund.{refund.key}")


def mail_dispute(dispute_id: int, reader: str, message: int) -> None:
    """To one side: another one spoke, or the staff decided; `message` counts the messages so far."""
    dispute = Dispute.objects.get(pk=dispute_id)
    order = _order(dispute.order_id)
    context = {"order": order, "dispute": dispute, "subject_text": SUBJECTS.get(dispute.subject, "")}
    name = f"dispute.{dispute.code}.{dispute.status}.{message}.{reader}"
    _send_to(reader, order, "orders/mail/dispute.txt", context, name=name)


def mail_order_code(code: str, email: str) -> None:
    """To a guest who looks for an order: the digits that open it, if it is theirs."""
    if digits := new_digits(code, email):
        context = {"digits": digits, "minutes": SECONDS // 60, "code": code}
        send("orders/mail/find_code.txt", email, context, name="")


def send(template: str, address: str, context: dict[str, Any], *, name: str) -> None:
    """Send one mail; nothing without an address, or to one that bounced. Raises ProviderError: surely not sent.

    `name` makes its Message-ID, so that a doubled one shows as one; "" for one that may come again.
    """
    if not address or is_undeliverable(address):
        return
    subject, body = compose(template, context)
    headers = {"Auto-Submitted": "auto-generated"}
    if name:
        headers["Message-ID"] = f"<order.{name}@{urlsplit(settings.SITE_URL).hostname}>"
    message = EmailMessage(" ".join(subject.split()), body, to=[address], headers=headers)
    try:
        with Mailing() as mailing:
            mailing.send(message)
    except (ProviderRefused, OutcomeUnknown):
        logger.warning("mail not delivered", exc_info=True, extra={"template": template})


def _send_to(reader: str, order: Order, template: str, context: dict[str, Any], *, name: str) -> None:
    if reader == Side.BUYER:
        send(template, _buyer(order.checkout), context | {"page_url": _page(order)}, name=name)
    else:
        send(template, _member(order.seller), context | {"page_url": _seller_page(order)}, name=name)


def _order(order_id: int) -> Order:
    orders = Order.objects.select_related("checkout__buyer", "seller").prefetch_related("lines")
    return orders.get(pk=order_id)


def _buyer(checkout: Checkout) -> str:
    return checkout.email if checkout.buyer is None else _member(checkout.buyer)


def _member(member: User) -> str:
    return member.email if member.is_active else ""


def _page(order: Order) -> str:
    return settings.SITE_URL + reverse("orders:receipt", args=[order.code])


def _seller_page(order: Order) -> str:
    return settings.SITE_URL + reverse("orders:selling_order", args=[order.code])


def _list() -> str:
    return settings.SITE_URL + reverse("orders:history")
