"""A seller's flash deals: set, ended early, and what a room knows of them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.live_price import BadPrice, check_lower, lowest_extra
from broadcasts.models import Broadcast, BroadcastLog, LineupItem
from common.errors import DomainError
from common.events import send_on_commit
from common.templatetags.money import won
from orders.deals.events import DealEnded, DealStarted
from orders.models import FlashDeal

LONGEST_MINUTES = 24 * 60
FARTHEST = timedelta(days=30)


class BadDeal(DomainError):
    """The deal would not be one: in the past, too far away, or in a show that is over."""

    code = "bad_deal"


class DealRunning(DomainError):
    """The product has a deal already that runs or is to come."""

    code = "deal_running"


@transaction.atomic
def start_deal(
    item_id: int,
    *,
    price: int,
    minutes: int,
    starts_at: datetime | None = None,
    quantity: int | None = None,
    per_member: int | None = None,
    by: User,
) -> FlashDeal:
    """Sell a product of a show at `price` won for so long, from now or from `starts_at` on, and tell the room.

    Of at most `quantity` pieces, `per_member` for each member. A product has one deal at a time: the lock on its
    item makes sure of that. Raises BadDeal, BadPrice, DealRunning.
    """
    item = lock_item(item_id)
    now = timezone.now()
    begins = starts_at or now
    _check(item, price, begins, now)
    before = open_deals(now).filter(item=item)
    if any(deal.left is None or deal.left > 0 for deal in before):
        raise DealRunning(_("이 상품은 이미 특가를 하고 있어요. 먼저 그 특가를 끝내 주세요."))
    # One that is sold out would come back when somebody's time to pay is over.
    before.update(stopped_at=now)
    deal = FlashDeal.objects.create(
        item=item,
        price=price,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=minutes),
        quantity=quantity,
        left=quantity,
        per_member=per_member,
    )
    BroadcastLog.objects.create(broadcast=item.broadcast, type="deal.started", by=by)
    send_on_commit(item.broadcast.room, DealStarted.of(deal))
    return deal


@transaction.atomic
def stop_deal(item_id: int, *, by: User) -> bool:
    """End the product's deal, running or to come, and tell the room. False if there is none.

    Whoever saw it just now still gets its price for the time of grace.
    """
    item = lock_item(item_id)
    now = timezone.now()
    deal = open_deals(now).filter(item=item).last()
    if deal is None:
        return False
    FlashDeal.objects.filter(pk=deal.pk).update(stopped_at=now)
    BroadcastLog.objects.create(broadcast=item.broadcast, type="deal.ended", by=by)
    send_on_commit(item.broadcast.room, DealEnded.of(deal, at=now))
    return True


def lock_item(item_id: int) -> LineupItem:
    """Return the item with its product and broadcast, held until the transaction ends. Buyers do not wait for it."""
    LineupItem.objects.select_for_update().get(pk=item_id)
    return LineupItem.objects.select_related("product", "broadcast").get(pk=item_id)


def open_deals(at: datetime) -> QuerySet[FlashDeal]:
    """Return the deals that run, sold out or not, or are to come, as buyers see it: without the time of grace."""
    return FlashDeal.objects.filter(stopped_at=None, ends_at__gt=at).select_related("item__product")


def _check(item: LineupItem, price: int, begins: datetime, now: datetime) -> None:
    if item.broadcast.status in (Broadcast.Status.ENDED, Broadcast.Status.CANCELLED):
        raise BadDeal(_("끝난 방송에서는 특가를 할 수 없어요."))
    if begins < now:
        raise BadDeal(_("이미 지난 시각이에요. 앞으로 올 시각을 골라 주세요."))
    if begins > now + FARTHEST:
        raise BadDeal(_("30일 안의 시각을 골라 주세요."))
    check_lower(price, usual=item.product.price, lowest_extra=lowest_extra(item.product))
    if item.live_price is not None and price >= item.live_price:
        raise BadPrice(
            _("방송 중 가격 %(price)s보다 낮은 가격을 적어 주세요.") % {"price": won(item.live_price)}
        )
