"""What orders do when something happened to them: each receiver only queues a task."""

from typing import Any

from orders import tasks


def on_refund_asked(sender: object, *, refund_id: int, **_: Any) -> None:
    tasks.settle_refund.delay(refund_id)
