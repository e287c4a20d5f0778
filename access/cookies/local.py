"""Playback cookies signed with a secret of the site's own, for the built-in server and a cache of our own."""

import hashlib
import hmac

from django.conf import settings

from access.cookies.policy import PolicyCookies

SALT = b"access.playback_cookies"


class LocalCookies(PolicyCookies):
    """HMAC-SHA256 of the policy, under the key SHA-256(SALT + SECRET_KEY).

    A web server that shares the key can decide without asking Django. In nginx (njs, with the key in hex):

        const text = s => s.replace(/-/g, '+').replace(/_/g, '=').replace(/~/g, '/');
        const policy = Buffer.from(text(r.variables['cookie_Playback-Policy']), 'base64');
        const mac = crypto.createHmac('sha256', Buffer.from(key, 'hex')).update(policy).digest('base64');

    and then as `allows` does: the MAC equals the signature cookie, the policy's moment has not passed, the address
    asked for (after decoding, without "..") begins with `Resource` up to its `*`.
    """

    prefix = "Playback"
    algorithm = "HMAC-SHA256"
    key_id = "site"

    def __init__(self) -> None:
        self._key = hashlib.sha256(SALT + settings.SECRET_KEY.encode()).digest()

    def sign(self, policy: bytes) -> bytes:
        return hmac.digest(self._key, policy, "sha256")

    def is_signed(self, policy: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(policy), signature)
