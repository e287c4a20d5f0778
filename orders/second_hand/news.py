"""Telling buyer and seller what happened between them: their open pages at once, and by mail who has to know."""

from django.db import transaction
from django.utils import timezone

from common.member_news import tell_member_on_commit
from orders.models import Meeting, Offer, Order
from orders.second_hand.events import MeetingChanged, OfferChanged
from orders.second_hand.mails import mail_about_meeting, mail_about_offer

Side = Offer.Side


def tell_about_offer(offer: Offer) -> None:
    """Call it under the offer's lock; everything goes out after the commit."""
    seller_id = offer.variant.product.seller_id
    event = OfferChanged(version=_now_ms(), offer=offer.code, status=offer.status)
    for member_id in (offer.buyer_id, seller_id):
        tell_member_on_commit(member_id, event)
    for side in _who_hears(offer):
        _mail_about_offer_on_commit(side, offer.pk, offer.status, offer.price)


def tell_about_meeting(order: Order, meeting: Meeting, *, mail_to: str = "") -> None:
    """Call it under the order's lock. `mail_to` is the side that gets a mail, "" for none."""
    event = MeetingChanged(version=_now_ms(), order=order.code, status=meeting.status)
    for member_id in (order.buyer_id, order.seller_id):
        if member_id is not None:  # a guest's page asks now and then
            tell_member_on_commit(member_id, event)
    if mail_to:
        mail_on_commit(order.pk, mail_to, meeting.status)


def mail_on_commit(order_id: int, side: str, status: str, news: str = "") -> None:
    """Write to one side where the hand-over stands, as `mail_about_meeting` says."""
    transaction.on_commit(lambda: mail_about_meeting.delay(order_id, side, status, news), robust=True)


def _mail_about_offer_on_commit(side: str, offer_id: int, status: str, price: int) -> None:
    transaction.on_commit(lambda: mail_about_offer.delay(offer_id, side, status, price), robust=True)


def other(side: str) -> str:
    """Return the side across."""
    return Side.SELLER if side == Side.BUYER else Side.BUYER


def _who_hears(offer: Offer) -> list[str]:
    match offer.status:
        case Offer.Status.OPEN:
            return [other(offer.by)]
        case Offer.Status.ACCEPTED | Offer.Status.DECLINED:
            return [offer.by]
        case Offer.Status.WITHDRAWN:
            return [Side.SELLER]
        case _:  # nobody pressed anything: neither side knows
            return [Side.BUYER, Side.SELLER]


def _now_ms() -> int:
    return int(timezone.now().timestamp() * 1000)
