"""Mail to those who supported a host. The words stand in templates/chat/support/mail/: the first line is the subject.

Each is sent at most once, as all mail about money (`orders.mails`).
"""

from celery import shared_task
from django.conf import settings
from django.urls import reverse

from chat.support.models import SupportMessage
from orders.mail_tasks import AT_MOST_ONCE
from orders.mails import send
from orders.models import Refund


@shared_task(name="support.mail_received", **AT_MOST_ONCE)
def mail_received(message_id: int) -> None:
    """The receipt."""
    message = _message(message_id)
    _send_to_author("received", message, name=f"support.{message.code}")


@shared_task(name="support.mail_refund", **AT_MOST_ONCE)
def mail_refund(refund_id: int) -> None:
    """The money is on its way to the card or account."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    message = _message(refund.payment.checkout_id)
    _send_to_author("refund", message, refund=refund, name=f"support.{message.code}.refund")


def _message(message_id: int) -> SupportMessage:
    return SupportMessage.objects.select_related("author", "broadcast__channel__member").get(pk=message_id)


def _send_to_author(news: str, message: SupportMessage, *, name: str, **facts: Refund) -> None:
    page = reverse("chat:support_message", args=[message.broadcast.code, message.code])
    context = {"message": message, "page_url": settings.SITE_URL + page, **facts}
    author = message.author
    address = author.email if author.is_active else ""
    send(f"chat/support/mail/{news}.txt", address, context, name=name)
