"""Who bought from a show."""

from collections.abc import Collection

from django.db.models import F

from broadcasts.models import Broadcast
from orders.models import OrderLine


def buyers_among(members: Collection[int], broadcast: Broadcast) -> set[int]:
    """Return which of these members paid for a product of this show, and kept it. One query."""
    lines = OrderLine.objects.filter(
        order__buyer__in=members,
        order__paid_at__isnull=False,
        product__lineup_items__broadcast=broadcast,
        returned__lt=F("quantity"),
    )
    return set(lines.values_list("order__buyer", flat=True))
