"""Mail between a buyer and a seller. The words stand in templates/orders/mail/: the first line of each is the subject.

Each is sent at most once: a task that was lost after its mail left is not started again, and only what surely was
not sent is tried anew.
"""

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from orders.mail_tasks import AT_MOST_ONCE
from orders.mails import send
from orders.models import Meeting, Offer, Order
from orders.refunds import NOT_SENT_YET

SOON, UNFINISHED = "soon", "unfinished"


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
        "product": _in_one_line(offer.variant.product.name),
        "page_url": settings.SITE_URL + reverse("orders:offer", args=[offer.code]),
    }
    name = f"offer.{offer.code}.{status}.{price}.{side}"
    send("orders/mail/offer.txt", reader.email if reader.is_active else "", context, name=name)


@shared_task(name="orders.mail_about_meeting", **AT_MOST_ONCE)
def mail_about_meeting(order_id: int, side: str, status: str, news: str = "") -> None:
    """Tell one side where the hand-over stands, unless it stands elsewhere by now; `status` "": there is no meeting.

    `news` is SOON before the time and UNFINISHED long after it, where the status alone says too little.
    """
    order = Order.objects.select_related("buyer", "seller", "checkout").get(pk=order_id)
    meeting = Meeting.objects.filter(order=order).first()
    if (meeting.status if meeting else "") != status or (news and order.status not in NOT_SENT_YET):
        return
    first = order.lines.first()
    context = {
        "order": order,
        "meeting": meeting,
        "side": side,
        "news": news,
        "is_ahead": meeting is not None and meeting.at > timezone.now(),
        "accused": meeting is not None and meeting.missed_by == side,
        "across": order.seller.nickname if side == Offer.Side.BUYER else _name_of_buyer(order),
        "product": _in_one_line(first.name) if first else "",
        "hours": settings.NO_SHOW_HOURS,
        "page_url": settings.SITE_URL + reverse("orders:receipt", args=[order.code]),
    }
    send("orders/mail/meeting.txt", _address_of(order, side), context, name="")


def _in_one_line(name: str) -> str:
    """A line break would end the subject."""
    return " ".join(name.split())


def _name_of_buyer(order: Order) -> str:
    return order.buyer.nickname if order.buyer else order.checkout.ship_name


def _address_of(order: Order, side: str) -> str:
    if side == Offer.Side.SELLER:
        return order.seller.email if order.seller.is_active else ""
    if order.buyer is None:
        return order.checkout.email
    return order.buyer.email if order.buyer.is_active else ""
