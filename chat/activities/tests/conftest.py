from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from broadcasts.models import Broadcast


@pytest.fixture
def show(db: None) -> "Broadcast":
    """A show on the air."""
    from tests.makers import make_broadcast, make_member

    return make_broadcast(make_member(nickname="하늘상점"), status="live")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What rooms are told, in order; transactions need not end for it."""
    events: list[Any] = []

    def keep(room: str, event: Any) -> None:
        events.append(event)

    for module in ("opening", "closing", "ticker"):
        monkeypatch.setattr(f"chat.activities.{module}.send_on_commit", keep)
    return events
