"""The one door: every provider's envelope, local or from AWS, enters here and nowhere else.

`accept` keeps the envelope and answers; a task then applies it (`media_pipeline.applying`). What cannot be understood
is kept too, as malformed, for staff to look at. Nothing of an envelope is ever logged.
"""

import hashlib
import json
import re
from typing import Any, NoReturn

from django.db import transaction

from media_pipeline.applying import Envelope, event_time
from media_pipeline.models import ProviderEvent
from media_pipeline.tasks import call_worker

MAX_BYTES = 256 * 1024
"""Of an envelope's JSON. EventBridge and SQS carry no larger ones."""

KEPT_BYTES = 4096
"""Of a text that is no envelope: enough to see what it is."""

SOURCE_MAX, ID_MAX, TYPE_MAX = 60, 80, 80

# Legal in JSON but not in a database's texts: NUL (written as an escape) and halves of surrogate pairs.
NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def accept(envelope: Envelope) -> bool:
    """Keep an envelope (an EventBridge event as a dict) and have it applied. False if it was here before."""
    try:
        text = json.dumps(envelope, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return _keep_malformed(type(envelope).__name__, "has no form in JSON")
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        return _keep_malformed(text, f"larger than {MAX_BYTES} bytes")
    if NUL.search(text) or NO_TEXT.search(text):
        return _keep_malformed(text, "has characters that are no text")
    if problem := _problem(envelope):
        return _keep_malformed(text, problem, envelope)
    event, fresh = ProviderEvent.objects.get_or_create(
        source=envelope["source"],
        event_id=envelope["id"],
        defaults={"type": envelope["detail-type"], "envelope": envelope},
    )
    if fresh:
        transaction.on_commit(call_worker, robust=True)
    elif event.envelope != envelope:
        return _keep_malformed(text, f"its id belongs to another envelope: {event.pk}", envelope)
    return fresh


def accept_text(text: str | bytes) -> bool:
    """Like `accept`, of an envelope as it came over the wire."""
    if len(text) > MAX_BYTES:
        return _keep_malformed(text, f"larger than {MAX_BYTES} bytes")
    try:
        envelope = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _keep_malformed(text, "not JSON")
    return accept(envelope)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # Python's parser takes NaN, databases do not


def _keep_malformed(text: str | bytes, problem: str, envelope: object = None) -> bool:
    """Keep once, under an id made from its content, what nobody will apply."""
    content = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    named = envelope if isinstance(envelope, dict) else {}
    beginning = content[:KEPT_BYTES].decode(errors="replace")
    _, fresh = ProviderEvent.objects.get_or_create(
        source=str(named.get("source", ""))[:SOURCE_MAX],
        event_id=hashlib.sha256(content).hexdigest(),
        defaults={
            "type": str(named.get("detail-type", ""))[:TYPE_MAX],
            "envelope": named or {"text": NO_TEXT.sub("�", beginning)},
            "status": ProviderEvent.Status.MALFORMED,
            "error": problem,
        },
    )
    return fresh


def _problem(envelope: Any) -> str:  # noqa: ANN401 anything may arrive
    """Say what is wrong with an envelope's outside, "" if nothing is."""
    if not isinstance(envelope, dict):
        return "not an object"
    for key, most in (("source", SOURCE_MAX), ("id", ID_MAX), ("detail-type", TYPE_MAX), ("time", 40)):
        if not isinstance(envelope.get(key), str) or not envelope[key]:
            return f"{key} is missing or not a text"
        if len(envelope[key]) > most:
            return f"{key} is longer than {most} characters"
    if not isinstance(envelope.get("detail"), dict):
        return "detail is missing or not an object"
    resources = envelope.get("resources")
    if not isinstance(resources, list) or not all(isinstance(name, str) for name in resources):
        return "resources is missing or not a list of texts"
    try:
        moment = event_time(envelope)
    except ValueError:
        return "time is not an ISO 8601 moment"
    return "" if moment.tzinfo else "time has no zone"


def apply_again(event_ids: list[int]) -> int:
    """Put events that failed, or that nobody understood then, back into the queue (staff's "try again").

    Returns how many: what is applied, or can never be, stays as it is.
    """
    again = ProviderEvent.objects.filter(pk__in=event_ids).exclude(
        status__in=[ProviderEvent.Status.APPLIED, ProviderEvent.Status.MALFORMED]
    )
    count = again.update(status=ProviderEvent.Status.WAITING, attempts=0, error="", due_at=None)
    transaction.on_commit(call_worker, robust=True)
    return count
