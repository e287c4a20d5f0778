"""What S3 checks of a browser's POST against the policy that was signed for it.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.aws.signature import S3Refused, secret_and_scope, signature

UNCONDITIONAL = {"policy", "x-amz-signature", "file"}
"""Fields that need no condition; neither do those that begin with `x-ignore-`."""


def check_post(
    bucket: str,
    fields: Mapping[str, str],
    size: int,
    secrets: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> None:
    """Raise S3Refused unless the policy allows these form fields and a file of `size` bytes in `bucket`."""
    given = {name.lower(): value for name, value in fields.items()}
    _check_signature(given, secrets)
    policy = json.loads(base64.b64decode(given["policy"]))
    if (now or datetime.now(UTC)) > datetime.fromisoformat(policy["expiration"]):
        raise S3Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    values = given | {"bucket": bucket}
    covered = set(UNCONDITIONAL)
    for condition in policy["conditions"]:
        covered |= _check_condition(condition, values, size)
    extra = sorted(name for name in given if name not in covered and not name.startswith("x-ignore-"))
    if extra:
        raise S3Refused(403, "AccessDenied", f"Invalid according to Policy: Extra input fields: {extra}")


def _check_signature(given: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    if "policy" not in given:
        raise S3Refused(403, "AccessDenied", "no policy")
    secret, scope = secret_and_scope(given.get("x-amz-credential", ""), secrets)
    if not hmac.compare_digest(signature(secret, scope, given["policy"]), given.get("x-amz-signature", "")):
        raise S3Refused(403, "SignatureDoesNotMatch")


def _check_condition(condition: Any, values: Mapping[str, str], size: int) -> set[str]:
    """Raise S3Refused unless one condition holds; return the fields it speaks of."""
    match condition:
        case dict():
            for name, wanted in condition.items():
                _demand(values.get(name.lower()) == wanted, f'eq "{name}"')
            return {name.lower() for name in condition}
        case ["content-length-range", least, most]:
            if size < int(least):
                raise S3Refused(400, "EntityTooSmall")
            if size > int(most):
                raise S3Refused(400, "EntityTooLarge")
            return set()
        case ["eq", name, wanted]:
            _demand(values.get(_field(name)) == wanted, f'eq "{name}"')
            return {_field(name)}
        case ["starts-with", name, beginning]:
            value = values.get(_field(name))
            _demand(value is not None and value.startswith(beginning), f'starts-with "{name}"')
            return {_field(name)}
    raise S3Refused(400, "InvalidPolicyDocument", f"unknown condition {condition}")


def _field(name: str) -> str:
    return name.removeprefix("$").lower()


def _demand(holds: bool, condition: str) -> None:
    if not holds:
        raise S3Refused(
            403, "AccessDenied", f"Invalid according to Policy: Policy Condition failed: [{condition}]"
        )
