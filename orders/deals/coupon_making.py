"""A seller's (or, in the admin, the platform's) coupons: made, dropped in a show, ended."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast, BroadcastLog
from broadcasts.moves import lock_broadcast, next_version
from common.errors import DomainError
from common.events import send_on_commit
from orders.deals.discounts import says
from orders.deals.events import CouponDropped
from orders.models import Coupon


class NothingToDrop(DomainError):
    """The coupon is over or gone, or the show is, or the coupon is another seller's."""

    code = "nothing_to_drop"


def create_coupon(seller: User | None, *, quantity: int, code: str, **fields: Any) -> Coupon:  # noqa: ANN401
    """Offer `quantity` pieces of a coupon for the seller's goods; None: the platform's, for everything.

    `fields` are columns of Coupon. A seller's coupon is borne by the seller alone.
    """
    if seller is not None:
        fields["platform_share"] = 0
    return Coupon.objects.create(seller=seller, code=code.upper(), quantity=quantity, left=quantity, **fields)


def stop_coupon(coupon_id: int) -> bool:
    """Let nobody claim or use it any more; what is kept for a checkout in progress stays. False if it was so."""
    running = Coupon.objects.filter(pk=coupon_id, stopped_at=None)
    return bool(running.update(stopped_at=timezone.now()))


@transaction.atomic
def drop_coupon(coupon_id: int, broadcast_id: int, *, by: User) -> None:
    """Show a coupon with a button to everybody in the room, and to who comes later. Raises NothingToDrop.

    A seller's coupon is for the seller's own shows, one of the platform's for any.
    """
    broadcast = lock_broadcast(broadcast_id)
    coupon = Coupon.objects.get(pk=coupon_id)
    if coupon.seller_id not in (None, broadcast.channel.member_id):
        raise NothingToDrop(_("이 방송에서 뿌릴 수 없는 쿠폰이에요."))
    if not (broadcast.is_on_air and coupon.counts_at(timezone.now()) and coupon.left):
        raise NothingToDrop(_("방송 중에, 남아 있는 쿠폰만 뿌릴 수 있어요."))
    # One at a time stands in the room.
    broadcast.coupons.exclude(pk=coupon_id).update(broadcast=None)
    Coupon.objects.filter(pk=coupon_id).update(broadcast=broadcast)
    BroadcastLog.objects.create(broadcast=broadcast, type="coupon.dropped", by=by)
    event = CouponDropped.of(coupon, version=next_version(broadcast), says=says(coupon))
    send_on_commit(broadcast.room, event)


def dropped_in(broadcast: Broadcast, at: datetime) -> Coupon | None:
    """Return the coupon that viewers of the show may claim now."""
    coupon = broadcast.coupons.filter(left__gt=0).first() if broadcast.is_on_air else None
    return coupon if coupon and coupon.counts_at(at) else None
