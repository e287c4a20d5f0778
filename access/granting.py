"""Giving a browser leave to play a video. Whether this viewer may watch is decided before."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from access.cookies import playback_cookies


def grant_playback(response: HttpResponseBase, folder: str) -> int:
    """Set the cookies for everything under `folder` ("videos/<asset>/"); return seconds until a page should renew.

    One folder per response: the cookies of a second one would replace those of the first.
    """
    lifetime = settings.PLAYBACK_COOKIE_SECONDS
    for cookie in playback_cookies().issue(folder, until=timezone.now() + timedelta(seconds=lifetime)):
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=lifetime,
            path=cookie.path,
            domain=cookie.domain,
            secure=not settings.DEBUG,
            httponly=True,
            samesite="Lax",
        )
    patch_cache_control(response, private=True)
    return renew_after()


def renew_after() -> int:
    """Return how many seconds a grant should be used before the page asks for the next one."""
    return settings.PLAYBACK_COOKIE_SECONDS * 2 // 3
