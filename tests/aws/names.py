"""Names and envelopes as Amazon's services make them."""

import secrets
import string
import uuid
from datetime import UTC, datetime
from typing import Any

REGION = "us-east-1"
ACCOUNT = "111122223333"
LETTERS = string.ascii_letters + string.digits


def some_id(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def envelope(source: str, detail_type: str, resource: str, detail: dict[str, Any]) -> dict[str, Any]:
    """Return an event as EventBridge delivers it."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }
