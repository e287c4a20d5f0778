"""What other apps' news means for broadcasts; connected in `apps.py`."""

from collections.abc import Sequence
from typing import Any

from broadcasts.actions import open_channel
from broadcasts.events import StockChanged
from broadcasts.models import Broadcast, LineupItem
from catalog.models import Stock
from common.events import send_on_commit

ROOMS_TOLD = 20
"""A product may have been in many shows: those on air and the newest replays hear of its stock at once."""


def on_member_joined(*, member_id: int, **kwargs: Any) -> None:  # noqa: ANN401 Django's receiver signature
    open_channel(member_id)


def on_stock_changed(*, product_ids: Sequence[int], **kwargs: Any) -> None:  # noqa: ANN401
    for stock in Stock.objects.filter(product_id__in=product_ids).select_related("product"):
        event = StockChanged(version=stock.version, product=stock.product.code, left=stock.left)
        shows = LineupItem.objects.filter(product_id=stock.product_id).exclude(
            broadcast__status=Broadcast.Status.CANCELLED
        )
        for room in shows.order_by("-broadcast__created_at").values_list("broadcast__code", flat=True)[
            :ROOMS_TOLD
        ]:
            send_on_commit(room, event)
