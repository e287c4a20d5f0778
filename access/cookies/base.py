"""The playback-cookie port: short-lived leave to fetch what lies under one folder. Adapters: `local`, `cloudfront`.

Both sign the same custom policy (`Resource` with a `*` at its end, `DateLessThan`), so that a CDN, a cache of the
site's own and the built-in server decide alike. Cookies are Secure (in production), HttpOnly and bound to the path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class PlaybackCookie:
    """A cookie to set on the parent domain that the site and its CDN share."""

    name: str
    value: str = field(repr=False)
    path: str
    domain: str | None


class PlaybackCookies:
    """What a signer of playback cookies must do."""

    def issue(self, folder: str, *, until: datetime) -> list[PlaybackCookie]:
        """Return cookies for everything under `folder` ("videos/<asset>/", a storage key ending in "/")."""
        raise NotImplementedError

    def allows(self, cookies: Mapping[str, str], key: str) -> bool:
        """Whether these cookies let their bearer fetch this storage key right now."""
        raise NotImplementedError
