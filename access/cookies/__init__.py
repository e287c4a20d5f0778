from typing import cast

from access.cookies.base import PlaybackCookies
from common.providers import provider


def playback_cookies() -> PlaybackCookies:
    """Return what signs the site's playback cookies."""
    return cast(PlaybackCookies, provider("PLAYBACK_COOKIES"))
