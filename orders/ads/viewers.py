"""Who looks: a member, or a browser by a random cookie. Programs that do not shop are nobody."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from common.codes import new_secret

COOKIE = "browser"
"""Not "viewer": sockets know guests by a cookie of that name, and would be sent both."""
COOKIE_SECONDS = 180 * 24 * 3600

_PROGRAMS = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|headless|curl|wget|python|java/|go-http|okhttp|axios", re.I
)


def is_person(request: HttpRequest) -> bool:
    """Whether a browser asks on behalf of somebody: no crawler, no link preview, no page loaded ahead."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and bool(agent) and not _PROGRAMS.search(agent) and "prefetch" not in ahead


def known_viewer(request: HttpRequest) -> str | None:
    """Return what a viewer is counted by, from which nobody reads who it is; None for a browser without cookie."""
    if request.user.is_authenticated:
        return _key(f"member:{request.user.pk}")
    token = request.COOKIES.get(COOKIE, "")
    return _key(f"browser:{token}") if len(token) == len(new_secret()) else None


def give_cookie(response: HttpResponse, *, secure: bool) -> str:
    """Make a browser known, and return what it is counted by."""
    token = new_secret()
    response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return _key(f"browser:{token}")


def _key(who: str) -> str:
    return salted_hmac("orders.ads.viewer", who).hexdigest()[:16]
