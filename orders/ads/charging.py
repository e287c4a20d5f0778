"""Putting the clicks of days that are over into the books."""

from django.db import transaction
from django.db.models import F

from orders.ads.counting import today
from orders.ledger import book_ad
from orders.models import AdDay

DAYS_A_ROUND = 1000


def book_days() -> int:
    """Book what clicks of past days cost and the ledger does not have; return how many days were booked."""
    open_days = AdDay.objects.filter(day__lt=today(), booked__lt=F("cost"))
    return sum(_book(pk) for pk in list(open_days.order_by("pk").values_list("pk", flat=True)[:DAYS_A_ROUND]))


@transaction.atomic
def _book(day_id: int) -> bool:
    day = AdDay.objects.select_for_update().get(pk=day_id)
    if day.booked == day.cost:
        return False
    book_ad(day)
    AdDay.objects.filter(pk=day_id).update(booked=day.cost)
    return True
