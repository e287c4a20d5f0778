"""What periodic tasks look after: no offer stays open for ever, and no money stays with a deal that never happens."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.models import Product
from common.errors import DomainError
from orders.disputes import is_open
from orders.models import Dispute, Meeting, Offer, Order, OrderLog
from orders.moves import lock_order
from orders.second_hand.ending import ENDS, end_meeting
from orders.second_hand.mails import SOON, UNFINISHED, mail_about_meeting
from orders.second_hand.meetings import OPEN_ORDERS
from orders.second_hand.news import mail_on_commit
from orders.second_hand.no_show import MISSED, contest_until, undo_sale
from orders.second_hand.offers import lapse_offer, overdue_at

logger = logging.getLogger(__name__)

A_ROUND = 500
REMIND_BEFORE = timedelta(hours=1)
WARN_AFTER = timedelta(days=5)
GIVE_UP_AFTER = timedelta(days=7)
"""Both counted from the agreed or proposed time, or from the payment where that is later."""
WARNED = "meeting.warned"


def lapse_offers() -> int:
    """End offers whose time is over; return how many."""
    ids = Offer.objects.filter(overdue_at()).order_by("expires_at").values_list("pk", flat=True)[:A_ROUND]
    return sum(lapse_offer(offer_id) for offer_id in list(ids))


def remind_of_meetings(now: datetime) -> int:
    """Write to both sides an hour before they meet, once; return how many meetings that were."""
    soon = Meeting.objects.filter(
        status=Meeting.Status.AGREED,
        reminded_at=None,
        at__gt=now,
        at__lte=now + REMIND_BEFORE,
        order__status__in=OPEN_ORDERS,
    )
    return sum(_remind(pk, order_id, now) for pk, order_id in list(soon.values_list("pk", "order")[:A_ROUND]))


def _remind(meeting_id: int, order_id: int, now: datetime) -> bool:
    # Claimed before anything is queued: who dies in between reminds nobody, rather than twice.
    claimed = Meeting.objects.filter(pk=meeting_id, status=Meeting.Status.AGREED, reminded_at=None)
    if not claimed.update(reminded_at=now):
        return False
    for side in Offer.Side.values:
        mail_about_meeting.delay(order_id, side, Meeting.Status.AGREED, SOON)
    return True


def end_meetings() -> int:
    """End the meetings of orders that are over, where the news of it was lost; return how many."""
    over = Meeting.objects.filter(
        status__in=[Meeting.Status.PROPOSED, Meeting.Status.AGREED, Meeting.Status.MISSED],
        order__status__in=list(ENDS),
    )
    order_ids = over.order_by("pk").values_list("order", flat=True)[:A_ROUND]
    return sum(end_meeting(order_id) for order_id in list(order_ids))


def settle_missed(now: datetime) -> int:
    """Undo the sales of deals that one side missed and did not contest in time; return how many."""
    said = OrderLog.objects.filter(
        order=OuterRef("order"),
        type=MISSED,
        at__lte=now - timedelta(hours=settings.NO_SHOW_HOURS),
    )
    missed = Meeting.objects.filter(
        Exists(said), status=Meeting.Status.MISSED, order__status__in=OPEN_ORDERS
    ).exclude(order__disputes__status=Dispute.Status.OPEN)
    order_ids = missed.order_by("pk").values_list("order", flat=True)[:A_ROUND]
    return _each(_undo_missed, order_ids, now)


@transaction.atomic
def _undo_missed(order_id: int, now: datetime) -> bool:
    order = lock_order(order_id)
    until = contest_until(Meeting.objects.get(order=order))
    if until is None or now < until or is_open(order):
        return False
    return undo_sale(order_id, reason=_("만나지 못한 직거래"))


def warn_of_unfinished(now: datetime) -> int:
    """Write to both sides of deals that were silent for days what will happen, once; return how many deals."""
    warned = OrderLog.objects.filter(order=OuterRef("pk"), type=WARNED)
    silent = _silent_since(now - WARN_AFTER).exclude(Exists(warned)).values_list("pk", flat=True)[:A_ROUND]
    return sum(_warn(order_id, now) for order_id in list(silent))


@transaction.atomic
def _warn(order_id: int, now: datetime) -> bool:
    order = lock_order(order_id)
    if not _silent_since(now - WARN_AFTER).filter(pk=order_id).exists() or order.log.filter(type=WARNED):
        return False
    OrderLog.objects.create(order=order, type=WARNED, before=order.status)
    meeting = Meeting.objects.filter(order=order).first()
    for side in Offer.Side.values:
        mail_on_commit(order_id, side, meeting.status if meeting else "", UNFINISHED)
    return True


def give_up_unfinished(now: datetime) -> int:
    """Undo the sales of deals that nobody finished; return how many."""
    warned = OrderLog.objects.filter(
        order=OuterRef("pk"), type=WARNED, at__lte=now - (GIVE_UP_AFTER - WARN_AFTER)
    )
    silent = _silent_since(now - GIVE_UP_AFTER).filter(Exists(warned)).values_list("pk", flat=True)[:A_ROUND]
    return _each(_give_up, silent, now)


@transaction.atomic
def _give_up(order_id: int, now: datetime) -> bool:
    lock_order(order_id)
    if not _silent_since(now - GIVE_UP_AFTER).filter(pk=order_id).exists():
        return False
    return undo_sale(order_id, reason=_("끝나지 않은 직거래"))


def _each(undo: Callable[[int, datetime], bool], order_ids: Iterable[int], now: datetime) -> int:
    """One that fails holds up no other; staff find it in the log."""
    undone = 0
    for order_id in list(order_ids):
        try:
            undone += undo(order_id, now)
        except DomainError:
            logger.exception("sale not undone", extra={"order": order_id})
    return undone


def _silent_since(moment: datetime) -> QuerySet[Order]:
    """Return direct deals that are paid, in no dispute, and were to be handed over before `moment`."""
    return (
        Order.objects.filter(deal=Product.Deal.DIRECT, status__in=OPEN_ORDERS, paid_at__lte=moment)
        .filter(Q(meeting=None) | Q(meeting__at__lte=moment))
        .exclude(disputes__status=Dispute.Status.OPEN)
        .order_by("paid_at")
    )
