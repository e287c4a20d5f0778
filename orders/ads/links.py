"""The address behind an advertisement: signed for the viewer it was shown to, so that only a real one counts."""

from datetime import timedelta
from urllib.parse import urlencode

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from orders.models import Ad

GOOD_FOR = timedelta(hours=6)

_signer = TimestampSigner(salt="orders.ads.click")


def click_address(ad: Ad, viewer: str) -> str:
    """Return where a click of this viewer goes."""
    sig = _signer.sign(f"{ad.code}.{viewer}").removeprefix(f"{ad.code}.{viewer}:")
    return f"{reverse('orders:ad_click', args=[ad.code])}?{urlencode({'sig': sig})}"


def is_genuine(ad: Ad, viewer: str, sig: str) -> bool:
    """Whether this viewer was shown the advertisement in the last hours."""
    try:
        _signer.unsign(f"{ad.code}.{viewer}:{sig}", max_age=GOOD_FOR)
    except BadSignature:
        return False
    return True
