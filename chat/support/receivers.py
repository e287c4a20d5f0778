"""What news of payments mean for support messages; connected in `chat.support.apps`."""

from typing import Any

from chat.support.events import SupportReceived
from chat.support.models import SupportMessage
from common.events import send_on_commit


def on_checkout_paid(*, checkout_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    """Tell the control rooms. Should that get lost, they find the message when they look next."""
    message = SupportMessage.objects.select_related("broadcast").filter(pk=checkout_id).first()
    if message:
        paid = SupportMessage.objects.paid().filter(broadcast=message.broadcast_id).count()
        send_on_commit(message.broadcast.room, SupportReceived(version=paid))
