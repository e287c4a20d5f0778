"""Moments as people say them: 오늘 오후 8:00, 어제 오전 9:30, 11월 24일(화) 오후 8:00."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()
# Shorter than Django's own Korean short names ("토요일").
WEEKDAYS = [
    gettext_noop("월"),
    gettext_noop("화"),
    gettext_noop("수"),
    gettext_noop("목"),
    gettext_noop("금"),
    gettext_noop("토"),
    gettext_noop("일"),
]


@register.filter
def when(moment: datetime | None) -> str:
    """Return the moment in the viewer's zone, near days by name."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    today = timezone.localdate()
    clock = date_format(local, "A g:i")
    names = {today: _("오늘"), today + timedelta(days=1): _("내일"), today - timedelta(days=1): _("어제")}
    if name := names.get(local.date()):
        return f"{name} {clock}"
    day = date_format(local, "n월 j일" if local.year == today.year else "Y년 n월 j일")
    return f"{day}({_(WEEKDAYS[local.weekday()])}) {clock}"


@register.filter
def clock(length: timedelta | None) -> str:
    """A length as 4:32 or 1:04:32."""
    seconds = int(length.total_seconds()) if length else 0
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
