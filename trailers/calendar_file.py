"""A trailer as a calendar entry (RFC 5545)."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from trailers.models import Trailer

LENGTH = timedelta(hours=1)
WARNING = timedelta(minutes=30)


def calendar_file(trailer: Trailer) -> bytes:
    """Return the .ics of this trailer. Its UID stays and its SEQUENCE grows, so a newer file replaces the entry."""
    url = f"{settings.SITE_URL}{reverse('trailers:detail', args=[trailer.code])}"
    event = Event()
    event.add("uid", f"trailer-{trailer.code}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", trailer.schedule_version)
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("dtstart", trailer.starts_at.astimezone(UTC))
    event.add("duration", LENGTH)
    event.add("summary", trailer.title)
    event.add("description", f"{trailer.product.name}\n{url}")
    event.add("url", url)
    cancelled = trailer.status == Trailer.Status.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _("곧 시작해요: %(title)s") % {"title": trailer.title})
        alarm.add("trigger", -WARNING)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//trailers//KO")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()
