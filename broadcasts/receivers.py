"""What other apps' news means for broadcasts; connected in `apps.py`."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from broadcasts.actions import open_channel
from broadcasts.events import StockChanged
from broadcasts.models import Broadcast, LineupItem
from catalog.models import Product
from common.events import send_on_commit
from common.prepared import Prepared

ROOMS_TOLD = 20
"""A product may have been in many shows: those on air and the newest replays hear of its stock at once."""


def on_member_joined(*, member_id: int, **kwargs: Any) -> None:  # noqa: ANN401 Django's receiver signature
    open_channel(member_id)


def on_stock_changed(*, variant_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    shown = {product.pk for product in _in_shows.rows(*variant_ids)}
    if not shown:
        return
    for product in Product.objects.with_left().filter(pk__in=shown):
        event = StockChanged(version=product.stock_version, product=product.code, left=product.stock_left)
        shows = LineupItem.objects.filter(product=product).exclude(
            broadcast__status=Broadcast.Status.CANCELLED
        )
        for room in shows.order_by("-broadcast__created_at").values_list("broadcast__code", flat=True)[
            :ROOMS_TOLD
        ]:
            send_on_commit(room, event)


_in_shows = Prepared(
    lambda *variants: Product.objects.filter(
        Exists(LineupItem.objects.filter(product=OuterRef("pk"))), variants__pk__in=variants
    ).only("pk")
)
