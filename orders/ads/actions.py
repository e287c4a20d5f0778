"""Buying a place for a product, and giving it up."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Category, Product
from common.errors import DomainError
from orders.ledger import balance
from orders.models import Ad, AdDay, Transfer

CREDIT = 300_000
"""Won that a seller may owe us for clicks beyond what we owe the seller: clicks are paid by what is settled."""


class NoRoom(DomainError):
    """The budget is more than what we owe the seller and CREDIT together."""

    code = "no_room"


def room_for_ads(seller: User) -> int:
    """Return the won that a seller may still put into budgets, 0 at least."""
    owed = max(balance(Transfer.Account.SELLER, seller=seller), 0)
    not_booked = AdDay.objects.filter(ad__seller=seller).aggregate(won=Sum(F("cost") - F("booked")))["won"]
    open_ads = Ad.objects.filter(seller=seller).not_over(timezone.now())
    promised = open_ads.aggregate(won=Sum(F("budget") - F("spent")))["won"]
    return max(owed + CREDIT - (not_booked or 0) - (promised or 0), 0)


@transaction.atomic
def buy_place(
    product: Product,
    *,
    place: Ad.Place,
    category: Category | None,
    click_price: int,
    budget: int,
    starts_at: datetime,
    ends_at: datetime,
) -> Ad:
    """Have a seller's product shown in a place, at so many won a click. Raises NoRoom."""
    seller = User.objects.select_for_update().get(pk=product.seller_id)  # two forms at once share the room
    room = room_for_ads(seller)
    if budget > room:
        raise NoRoom(_("지금은 예산을 %(room)s원까지 쓸 수 있어요.") % {"room": f"{room:,}"})
    return Ad.objects.create(
        seller=seller,
        product=product,
        place=place,
        category=category if place == Ad.Place.CATEGORY else None,
        click_price=click_price,
        budget=budget,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def stop_ad(ad: Ad) -> bool:
    """End an advertisement for good; what was clicked until now is still paid. False if it was over already."""
    now = timezone.now()
    return bool(Ad.objects.filter(pk=ad.pk).not_over(now).update(stopped_at=now))
