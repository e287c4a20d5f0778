"""What a reminder says. The words stand in templates/trailers/mail/: the first line of each is the subject."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from common.mail import compose
from trailers.models import ReminderDelivery

TEMPLATES = {
    ReminderDelivery.Occasion.SOON: "trailers/mail/soon.txt",
    ReminderDelivery.Occasion.IMMINENT: "trailers/mail/soon.txt",
    ReminderDelivery.Occasion.RESCHEDULED: "trailers/mail/rescheduled.txt",
    ReminderDelivery.Occasion.CANCELLED: "trailers/mail/cancelled.txt",
}


def mail_message(delivery: ReminderDelivery) -> EmailMessage:
    """Return the mail. Its Message-ID follows from the delivery, so that a doubled one shows as one."""
    subject, body = _subject_and_body(delivery)
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject,
        body,
        to=[delivery.reminder.member.email],
        headers={
            "Message-ID": f"<reminder.{delivery.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            # One click in the mail program, without signing in (RFC 8058).
            "List-Unsubscribe": f"<{_stop_url(delivery)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def push_notice(delivery: ReminderDelivery) -> dict[str, str]:
    """Return what the browser's worker shows: title, body, url (a path of this site), tag (the newest replaces)."""
    subject, _body = _subject_and_body(delivery)
    trailer = delivery.reminder.trailer
    return {"title": subject, "body": trailer.title, "url": _page(delivery), "tag": f"trailer-{trailer.code}"}


def _subject_and_body(delivery: ReminderDelivery) -> tuple[str, str]:
    trailer = delivery.reminder.trailer
    context = {
        "trailer": trailer,
        "title": " ".join(trailer.title.split()),  # a line break would end the subject
        "occasion": delivery.occasion,
        "page_url": f"{settings.SITE_URL}{_page(delivery)}",
        "list_url": f"{settings.SITE_URL}{reverse('trailers:list')}",
        "stop_url": _stop_url(delivery),
    }
    return compose(TEMPLATES[ReminderDelivery.Occasion(delivery.occasion)], context)


def _page(delivery: ReminderDelivery) -> str:
    """The path of the trailer, or of its show once that is on air."""
    trailer = delivery.reminder.trailer
    if trailer.broadcast and trailer.is_on_air:
        return reverse("broadcasts:watch", args=[trailer.broadcast.code])
    return reverse("trailers:detail", args=[trailer.code])


def _stop_url(delivery: ReminderDelivery) -> str:
    return f"{settings.SITE_URL}{reverse('trailers:stop_reminder', args=[delivery.reminder.token])}"
