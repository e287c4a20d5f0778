"""What news mean for the queues; connected in `orders.apps`. Each only queues a task."""

from collections.abc import Sequence
from typing import Any

from orders import tasks
from orders.deals.waiting import waited_for


def on_stock_changed(*, variant_ids: Sequence[int], **_: Any) -> None:  # noqa: ANN401 Django's receiver signature
    for variant_id in waited_for(list(variant_ids)):
        tasks.offer_waiting.delay(variant_id)


def on_waiting_offered(*, waiting_id: int, **_: Any) -> None:  # noqa: ANN401
    tasks.mail_waiting_offer.delay(waiting_id)
