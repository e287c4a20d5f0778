"""Whose clock a page shows: the browser's, which says its zone in a cookie, else Seoul's."""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

COOKIE = "tz"

Handler = Callable[[HttpRequest], HttpResponseBase]


@cache
def known_zones() -> frozenset[str]:
    """Return every IANA name this machine knows; what is not among them never reaches the file system."""
    return frozenset(available_timezones())


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the zone that the request's cookie names, or the site's own."""
    name = request.COOKIES.get(COOKIE, "")
    return ZoneInfo(name if name in known_zones() else settings.TIME_ZONE)


def in_the_zone_of_the_browser(get_response: Handler) -> Handler:
    """Show and read times in the browser's zone while the request lasts."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(zone_of(request)):
            return get_response(request)

    return answer
