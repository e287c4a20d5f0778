"""The one door: every provider's envelope, local or from AWS, enters here and nowhere else.

`accept` keeps the envelope and answers; a task then applies it (`media_pipeline.applying`).
"""

import hashlib
import json

from django.db import transaction

from media_pipeline.applying import Envelope, event_time
from media_pipeline.models import ProviderEvent
from media_pipeline.tasks import apply_event


def accept(envelope: Envelope) -> bool:
    """Keep an envelope (an EventBridge event as a dict) and have it applied. False if it was here before.

    What cannot be understood is kept too, as malformed, for staff to look at.
    """
    problem = _problem(envelope)
    values = {
        "source": str(envelope.get("source", ""))[:60],
        "event_id": str(envelope.get("id") or _digest(envelope))[:80],
    }
    event, fresh = ProviderEvent.objects.get_or_create(
        **values,
        defaults={
            "type": str(envelope.get("detail-type", ""))[:80],
            "envelope": envelope,
            "status": ProviderEvent.Status.MALFORMED if problem else ProviderEvent.Status.WAITING,
            "error": problem,
        },
    )
    if fresh and not problem:
        transaction.on_commit(lambda: apply_event.delay(event.pk), robust=True)
    return fresh


def _problem(envelope: Envelope) -> str:
    """Say what is wrong with an envelope's outside, "" if nothing is."""
    for key in ("source", "id", "detail-type", "time"):
        if not isinstance(envelope.get(key), str) or not envelope[key]:
            return f"{key} is missing or not a text"
    if not isinstance(envelope.get("detail"), dict):
        return "detail is missing or not an object"
    if not isinstance(envelope.get("resources"), list):
        return "resources is missing or not a list"
    try:
        moment = event_time(envelope)
    except ValueError:
        return "time is not an ISO 8601 moment"
    return "" if moment.tzinfo else "time has no zone"


def _digest(envelope: Envelope) -> str:
    return hashlib.sha256(json.dumps(envelope, sort_keys=True).encode()).hexdigest()


def apply_again(event_id: int) -> None:
    """Put an event that failed, or that nobody understood then, back into the queue (staff's "try again")."""
    ProviderEvent.objects.filter(pk=event_id).exclude(status=ProviderEvent.Status.APPLIED).update(
        status=ProviderEvent.Status.WAITING, attempts=0, error=""
    )
    transaction.on_commit(lambda: apply_event.delay(event_id), robust=True)
