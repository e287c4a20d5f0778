"""Web push (RFC 8030, 8291, 8292): which services we talk to, and one notice to all browsers of a member."""

import binascii
import json
import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import parseaddr
from functools import cache
from io import BytesIO
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.signals import setting_changed
from django.utils import timezone
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from trailers.models import PushSubscription

logger = logging.getLogger(__name__)

# The services of Chrome, Firefox, Edge and Safari; what follows a dot may have any name before it. An endpoint
# comes from the browser, so without this list anybody could have us call any address.
SERVICES = ("fcm.googleapis.com", ".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")
# Narrower than a URL may be: no user, no backslash, nothing that two libraries could read as two hosts.
ADDRESS = re.compile(r"https://([A-Za-z0-9.-]+)(:443)?/[!-\[\]-~]*")
LONGEST_ADDRESS = 2000
KEY = re.compile(r"[A-Za-z0-9_-]+=*")
LONGEST_KEY = 120
TIMEOUT_SECONDS = 5
TTL_SECONDS = 30 * 60
"""How long a service keeps a notice for a browser that is off; later it would not be true any more."""
BROWSERS_A_MEMBER = 10


class BadSubscription(ValueError):
    """What came is not a push subscription of a browser we know."""


def check_endpoint(endpoint: str) -> None:
    """Raise BadSubscription unless this is an HTTPS address at a known push service."""
    address = ADDRESS.fullmatch(endpoint) if len(endpoint) <= LONGEST_ADDRESS else None
    host = address[1].lower() if address else ""
    if not any(host.endswith(name) if name.startswith(".") else host == name for name in SERVICES):
        raise BadSubscription("not a known push service")


def check_keys(p256dh: str, auth: str) -> None:
    """Raise BadSubscription unless these are the browser's public key and its 16 secret bytes (RFC 8291)."""
    # Python's decoder skips what is no base64, and then more would be kept than was looked at.
    if not all(len(key) <= LONGEST_KEY and KEY.fullmatch(key) for key in (p256dh, auth)):
        raise BadSubscription("not push keys")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(p256dh))
        if len(_decoded(auth)) != 16:
            raise BadSubscription("not a push secret")
    except (ValueError, binascii.Error) as error:
        raise BadSubscription("not push keys") from error


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _site_key() -> Vapid:
    """The key that VAPID_PRIVATE_KEY holds: PEM, or the 32 bytes in base64url."""
    text = settings.VAPID_PRIVATE_KEY
    return Vapid.from_pem(text.encode()) if text.startswith("-----BEGIN") else Vapid.from_string(text)


def _forget_site_key(*, setting: str, **kwargs: object) -> None:
    if setting == "VAPID_PRIVATE_KEY":
        _site_key.cache_clear()


setting_changed.connect(_forget_site_key)


def public_key() -> str:
    """Return what a browser needs to subscribe (`applicationServerKey`, base64url without padding)."""
    point = _site_key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")


def push_message(member_id: int, notice: dict[str, str]) -> None:
    """Send a notice to the member's browsers; one that got it is enough.

    Raises ProviderRefused (none of them exists), OutcomeUnknown (none surely got it, one perhaps), ProviderError.
    """
    newest = PushSubscription.objects.filter(member_id=member_id).order_by("-created_at")
    problems: list[Exception] = []
    arrived = False
    with _StatusOnly() as session:
        for subscription in newest[:BROWSERS_A_MEMBER]:
            try:
                _push(subscription, notice, session)
                arrived = True
            except (ProviderError, OutcomeUnknown) as error:
                problems.append(error)
    if arrived:
        return
    # The most careful reading wins: what may have arrived is not sent again.
    for kind in (OutcomeUnknown, ProviderError):
        for problem in problems:
            if isinstance(problem, kind) and not isinstance(problem, ProviderRefused):
                raise problem
    raise ProviderRefused("no browser takes it")


class _StatusOnly(requests.Session):
    """Leaves the body of an answer unread: the status says it all, and a body may drip in for hours."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """A service that sends us elsewhere is not followed."""

    def post(self, url: str | bytes, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401 as requests'
        response = super().post(url, *args, **options, stream=True)
        response.close()
        response.raw = BytesIO()  # pywebpush asks for the text
        return response


def _push(subscription: PushSubscription, notice: dict[str, str], session: requests.Session) -> None:
    try:
        check_endpoint(subscription.endpoint)  # the list may have become shorter since
        webpush(
            {
                "endpoint": subscription.endpoint,
                "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
            },
            data=json.dumps(notice, ensure_ascii=False),
            vapid_private_key=_site_key(),
            vapid_claims={"sub": _contact()},
            ttl=TTL_SECONDS,
            timeout=TIMEOUT_SECONDS,
            headers={"urgency": "high"},
            requests_session=session,
        )
    except WebPushException as error:
        raise _refusal(subscription, getattr(error.response, "status_code", 0)) from None
    except requests.ConnectTimeout as error:
        raise ProviderError(type(error).__name__) from None
    except requests.RequestException as error:
        # From None throughout: those errors print the endpoint, which is a secret of the browser's.
        raise OutcomeUnknown(type(error).__name__) from None
    except BadSubscription as error:
        subscription.delete()
        raise ProviderRefused(str(error)) from None


def _refusal(subscription: PushSubscription, status: int) -> ProviderError:
    """What a push service's answer means (RFC 8030, 7.3 and 8.4)."""
    if status in (404, 410):  # the browser has taken its leave back
        subscription.delete()
        return ProviderRefused(f"HTTP {status}")
    PushSubscription.objects.filter(pk=subscription.pk).update(failed_at=timezone.now())
    return (
        ProviderError(f"HTTP {status}")
        if status == 429 or status >= 500
        else ProviderRefused(f"HTTP {status}")
    )


def _contact() -> str:
    return settings.VAPID_CONTACT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
