"""The queue for a variant that is sold out: pieces that come back are offered as timed holds, the first in line first.

What a shopper takes from the shelf in between is theirs (docs/decisions/0012).
"""

import logging
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Variant
from catalog.stock import OutOfStock
from common.errors import DomainError, IllegalMove
from orders.deals.waiting_news import tell_offered
from orders.holding import Wanted, cancel_hold, check_for_sale, take_hold
from orders.models import Checkout, Waiting
from orders.pricing import price_of

logger = logging.getLogger(__name__)

Status = Waiting.Status
OPEN = (Status.WAITING, Status.OFFERED)
_KEYS = UUID("6b0a3c0e-5f0e-4d5e-9a53-0d3c1c7f2a11")
"""Idempotency keys of offers are made from this and the place in the queue."""


class InStock(DomainError):
    """Nobody needs to wait: there are pieces left."""

    code = "in_stock"


def own_place(member: User, variant: Variant) -> Waiting | None:
    """Return the member's place in the queue, or the offer they have now."""
    return (
        Waiting.objects.filter(member=member, variant=variant, status__in=OPEN)
        .select_related("checkout")
        .last()
    )


def place_in_line(waiting: Waiting) -> int:
    """Return 1 for the first of those who still wait."""
    return Waiting.objects.filter(
        variant=waiting.variant_id, status=Status.WAITING, pk__lte=waiting.pk
    ).count()


@transaction.atomic
def join(member: User, variant: Variant) -> Waiting:
    """Line the member up, once. Raises InStock, NotForSale, OwnProduct.

    Select `product` and `stock` with the variant: this reads them.
    """
    check_for_sale(member, variant, None)
    if variant.stock.left:
        raise InStock(_("지금 바로 살 수 있어요."))
    User.objects.select_for_update().get(pk=member.pk)  # the same member's other tab waits
    return own_place(member, variant) or Waiting.objects.create(member=member, variant=variant)


def leave(member: User, variant: Variant) -> None:
    """Give up the place; an offer that was made goes to the next."""
    waiting = own_place(member, variant)
    if waiting is None:
        return
    if not _move(waiting.pk, Status.WAITING, Status.LEFT):
        waiting.refresh_from_db()
        if waiting.checkout_id is not None and _move(waiting.pk, Status.OFFERED, Status.LEFT):
            _cancel(waiting.checkout_id, member)


def offer_next(variant_id: int) -> int:
    """Offer what is left of a variant to those who wait, in order; return how many offers were made.

    Safe to run any number of times, also at once: whoever comes second to a place finds it taken care of.
    """
    offered = 0
    while (waiting_id := _first_in_line(variant_id)) is not None:
        try:
            offered += _offer(waiting_id)
        except OutOfStock:  # a shopper was faster
            break
        except DomainError as refusal:  # not for sale at the moment, or its price changes right now
            logger.info("no offer", extra={"variant": variant_id, "code": refusal.code})
            break
    return offered


def settle_offers() -> None:
    """Note what became of offers: bought, or not in time."""
    offers = Waiting.objects.filter(status=Status.OFFERED)
    offers.filter(checkout__status=Checkout.Status.PAID).update(status=Status.BOUGHT)
    over = [Checkout.Status.FAILED, Checkout.Status.CANCELLED, Checkout.Status.EXPIRED]
    offers.filter(checkout__status__in=over).update(status=Status.LAPSED)


def waited_for(variant_ids: list[int] | None = None) -> list[int]:
    """Return those variants, of all or of these, that people wait for and that are there again."""
    waiting = Waiting.objects.filter(status=Status.WAITING, variant__stock__left__gt=0)
    if variant_ids is not None:
        waiting = waiting.filter(variant__in=variant_ids)
    return list(waiting.order_by("variant").values_list("variant", flat=True).distinct())


def _first_in_line(variant_id: int) -> int | None:
    waiting = Waiting.objects.filter(
        variant=variant_id, status=Status.WAITING, member__is_active=True, variant__stock__left__gt=0
    )
    return waiting.order_by("pk").values_list("pk", flat=True).first()


@transaction.atomic
def _offer(waiting_id: int) -> bool:
    """Take a hold for whoever has this place; whether it was still waiting."""
    waiting = Waiting.objects.select_for_update().get(pk=waiting_id)
    if waiting.status != Status.WAITING:
        return False
    variant = Variant.objects.select_related("product").get(pk=waiting.variant_id)
    price = price_of(variant, None, timezone.now())
    checkout = take_hold(
        waiting.member,
        [Wanted(variant_id=variant.pk, quantity=1, seen_price=price.unit)],
        key=uuid5(_KEYS, str(waiting_id)),
        seconds=settings.WAITING_HOLD_SECONDS,
    )
    Waiting.objects.filter(pk=waiting_id).update(status=Status.OFFERED, checkout=checkout)
    tell_offered(waiting, checkout, variant.product)
    return True


def _cancel(checkout_id: int, member: User) -> None:
    try:
        cancel_hold(checkout_id, by=member)
    except IllegalMove:  # paid, or over, a moment earlier
        logger.info("an offer was over when its member left", extra={"checkout": checkout_id})


def _move(waiting_id: int, before: str, to: str) -> bool:
    return bool(Waiting.objects.filter(pk=waiting_id, status=before).update(status=to))
