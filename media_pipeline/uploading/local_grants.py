"""Leave to upload to this machine: signed by the site, so that the receiver needs neither session nor database."""

from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing

SALT = "media_pipeline.uploading.local"


class BadGrant(Exception):
    """The text is no grant of ours, or its time has run out."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Exactly what may be sent: `size` bytes to `key`, as part `number` from byte `offset` on (0: the whole file)."""

    key: str
    size: int
    content_type: str = ""
    number: int = 0
    offset: int = 0


def sign_grant(grant: Grant) -> str:
    """Return the grant as a text that is safe in an address."""
    return signing.dumps(asdict(grant), salt=SALT)


def read_grant(text: str) -> Grant:
    """Return what `sign_grant` signed within the last UPLOAD_GRANT_SECONDS; raises BadGrant."""
    try:
        return Grant(**signing.loads(text, salt=SALT, max_age=settings.UPLOAD_GRANT_SECONDS))
    except signing.BadSignature as error:
        raise BadGrant from error
