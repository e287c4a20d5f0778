"""What news of shows mean for their questions; connected in `chat.questions.apps`."""

from typing import Any

from chat.questions.ending import finish_screen


def on_broadcast_ended(*, broadcast_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    """Should that get lost, `questions.finish_screens` does it within a minute."""
    finish_screen(broadcast_id)
