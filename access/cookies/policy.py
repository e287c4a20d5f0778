"""The signed policy inside playback cookies: CloudFront's custom policy, also where no CloudFront is.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from access.cookies.base import PlaybackCookie, PlaybackCookies
from access.storage_keys import is_plain_key, is_video_folder

LONGEST = 4096
"""Characters of a cookie that are looked at: browsers keep no longer ones."""


class PolicyCookies(PlaybackCookies):
    """Four cookies: the policy, its signature, how that was made and with which key.

    An adapter gives `prefix`, `algorithm`, `key_id`, and signs and verifies the policy's bytes.
    """

    prefix: str
    algorithm: str
    key_id: str

    def sign(self, policy: bytes) -> bytes:
        raise NotImplementedError

    def is_signed(self, policy: bytes, signature: bytes) -> bool:
        raise NotImplementedError

    def issue(self, folder: str, *, until: datetime) -> list[PlaybackCookie]:
        """Return the cookies; ValueError for anything but "videos/<asset>/", whose `*` could otherwise open more."""
        if not is_video_folder(folder):
            raise ValueError(f"{folder!r} is not the folder of a video")
        policy = build_policy(f"{media_address(folder)}*", until)
        values = {
            "Policy": to_cookie(policy),
            "Signature": to_cookie(self.sign(policy)),
            "Key-Pair-Id": self.key_id,
            "Hash-Algorithm": self.algorithm,
        }
        path = urlsplit(media_address(folder)).path
        domain = settings.PLAYBACK_COOKIE_DOMAIN or None
        return [
            PlaybackCookie(name=f"{self.prefix}-{name}", value=value, path=path, domain=domain)
            for name, value in values.items()
        ]

    def allows(self, cookies: Mapping[str, str], key: str) -> bool:
        given = {
            name: cookies.get(f"{self.prefix}-{name}", "")
            for name in ("Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
        }
        if given["Hash-Algorithm"] != self.algorithm or given["Key-Pair-Id"] != self.key_id:
            return False
        try:
            policy, signature = from_cookie(given["Policy"]), from_cookie(given["Signature"])
        except ValueError:
            return False
        if not self.is_signed(policy, signature):
            return False
        resource, until = read_policy(policy)  # ours: nobody else could sign it
        opened = resource.removesuffix("*")
        return until > timezone.now() and is_plain_key(key) and media_address(key).startswith(opened)


def media_address(key: str) -> str:
    """Return the absolute address of a storage key, whether this site or a CDN serves it."""
    base = settings.MEDIA_BASE_URL
    return f"{base if base.startswith('http') else settings.SITE_URL + base}/{key}"


def build_policy(resource: str, until: datetime) -> bytes:
    """Return the policy as CloudFront wants it: JSON without white space."""
    condition = {"DateLessThan": {"AWS:EpochTime": int(until.timestamp())}}
    policy = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(policy, separators=(",", ":")).encode()


def read_policy(policy: bytes) -> tuple[str, datetime]:
    """Return which addresses (`*` at the end) a policy of `build_policy` opens, and until when."""
    (statement,) = json.loads(policy)["Statement"]
    seconds = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
    return statement["Resource"], datetime.fromtimestamp(seconds, tz=timezone.get_default_timezone())


def to_cookie(data: bytes) -> str:
    """Return base64 with CloudFront's own replacements for what a cookie may not hold."""
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def from_cookie(text: str) -> bytes:
    """Undo `to_cookie`; ValueError for anything else."""
    if not text.isascii() or len(text) > LONGEST:
        raise ValueError("not a cookie of ours")
    try:
        return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
