"""What news of orders mean for a report; connected in `chat.report.apps`."""

from typing import Any

from broadcasts.models import LineupItem
from chat.report.openers import note_opener


def on_product_opened(*, item: LineupItem, viewer: str, **_: Any) -> None:  # noqa: ANN401 Django's
    note_opener(item, viewer)
