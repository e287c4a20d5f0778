"""What news of orders mean for a room; connected in `chat.activities.apps`."""

from typing import Any

from chat.activities.ticker import note_orders


def on_checkout_paid(*, checkout_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    note_orders(checkout_id)
