"""What news of payments mean for support messages; connected in `chat.support.apps`."""

from typing import Any

from chat.support.events import SupportReceived
from chat.support.mails import mail_received, mail_refund
from chat.support.models import SupportMessage
from common.events import send_on_commit
from orders.models import Payment, Refund


def on_checkout_paid(*, checkout_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    """Thank the giver, and tell the control rooms. Should that get lost, they find the message when they look next."""
    message = SupportMessage.objects.select_related("broadcast").filter(pk=checkout_id).first()
    if message:
        mail_received.delay(message.pk)
        paid = SupportMessage.objects.paid().filter(broadcast=message.broadcast_id).count()
        send_on_commit(message.broadcast.room, SupportReceived(version=paid))


def on_refund_done(*, refund_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    """Tell the giver. What came too late or twice never was a support message's money."""
    refunds = Refund.objects.filter(pk=refund_id, payment__status=Payment.Status.CONFIRMED)
    if refunds.filter(payment__checkout__tip__message__isnull=False).exists():
        mail_refund.delay(refund_id)
