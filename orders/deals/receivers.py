"""What news mean for queues and coupons; connected in `orders.apps`."""

from collections.abc import Sequence
from typing import Any

from orders import tasks
from orders.deals.coupons import give_back
from orders.deals.waiting import waited_for
from orders.models import Order


def on_stock_changed(*, variant_ids: Sequence[int], more: bool, **_: Any) -> None:  # noqa: ANN401 Django's
    if more:
        for variant_id in waited_for(list(variant_ids)):
            tasks.offer_waiting.delay(variant_id)


def on_order_moved(*, order_id: int, to: str, **_: Any) -> None:  # noqa: ANN401
    if to == Order.Status.CANCELLED:
        give_back(Order.objects.get(pk=order_id))


def on_waiting_offered(*, waiting_id: int, **_: Any) -> None:  # noqa: ANN401
    tasks.mail_waiting_offer.delay(waiting_id)
