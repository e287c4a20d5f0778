"""Spans of time as buttons and logs name them: 30초, 5분, 24시간, 7일."""

from django.utils.translation import gettext as _

HOUR, DAY = 60, 24 * 60


def seconds_in_words(seconds: int) -> str:
    if seconds == 0:
        return _("끔")
    return minutes_in_words(seconds // 60) if seconds % 60 == 0 else _("%(n)d초") % {"n": seconds}


def minutes_in_words(minutes: int) -> str:
    """A day is 24 hours here: from now on, not until midnight."""
    if minutes == 0:
        return _("바로")
    if minutes > DAY and minutes % DAY == 0:
        return _("%(n)d일") % {"n": minutes // DAY}
    if minutes % HOUR == 0:
        return _("%(n)d시간") % {"n": minutes // HOUR}
    return _("%(n)d분") % {"n": minutes}
