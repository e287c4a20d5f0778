"""Calendar months of the books, in the site's own zone: a seller's browser must not move a month's end."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def month_end(month: date) -> datetime:
    """Return the moment the month of this day is over (the first of the next one)."""
    later = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime(later.year, later.month, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))


def last_month() -> date:
    """Return the first day of the month before this one."""
    today = timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))
    return date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
