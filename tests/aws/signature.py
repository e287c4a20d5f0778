"""Signature version 4, checked from the side of the service.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

SKEW = timedelta(minutes=15)


class S3Refused(Exception):
    """What S3 answers: a status, one of its error codes and a text."""

    def __init__(self, status: int, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.status, self.code, self.text = status, code, text


def signature(secret: str, scope: str, text: str) -> str:
    """Return the hex signature of a text under `<date>/<region>/<service>/aws4_request`."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def secret_and_scope(credential: str, secrets: Mapping[str, str]) -> tuple[str, str]:
    """Split an X-Amz-Credential and find its secret."""
    access_key, _, scope = credential.partition("/")
    if len(scope.split("/")) != 4 or not scope.endswith("/s3/aws4_request"):
        raise S3Refused(400, "AuthorizationQueryParametersError", "malformed credential")
    if access_key not in secrets:
        raise S3Refused(403, "InvalidAccessKeyId")
    return secrets[access_key], scope


def check_presigned(
    method: str,
    target: str,
    headers: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> None:
    """Raise S3Refused unless the presigned address allows exactly this request.

    `target` is path and query as they came; `headers` has lower-case names and those that really were sent, so a
    signed Content-Length holds the body to its size.
    """
    now = now or datetime.now(UTC)
    address = urlsplit(target)
    pairs = [pair.partition("=")[::2] for pair in address.query.split("&")]
    query = {unquote(name): unquote(value) for name, value in pairs}
    try:
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lives = timedelta(seconds=int(query["X-Amz-Expires"]))
        names = query["X-Amz-SignedHeaders"].split(";")
        secret, scope = secret_and_scope(query["X-Amz-Credential"], secrets)
        given = query.pop("X-Amz-Signature")
    except (KeyError, ValueError) as error:
        raise S3Refused(400, "AuthorizationQueryParametersError", str(error)) from error
    if signed_at > now + SKEW:
        raise S3Refused(403, "AccessDenied", "Request is not valid yet")
    if now > signed_at + lives:
        raise S3Refused(403, "AccessDenied", "Request has expired")
    canonical_query = "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in query.items()))
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in names]
    canonical = "\n".join(
        [method, address.path, canonical_query, *lines, "", ";".join(names), "UNSIGNED-PAYLOAD"]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, digest])
    if not hmac.compare_digest(signature(secret, scope, text), given):
        raise S3Refused(403, "SignatureDoesNotMatch")


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
