"""The one door: every provider's envelope, local or from AWS, enters here and nowhere else.

`accept` keeps the envelope and answers; a task then applies it, effect and "applied" mark in one transaction.
Apps register their handler for a type of envelope in `AppConfig.ready()`.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from media_pipeline.models import ProviderEvent

logger = logging.getLogger(__name__)

Envelope = dict[str, Any]
Handler = Callable[[Envelope], None]

MAX_ATTEMPTS = 12
APPLY_AGAIN_AFTER = timedelta(seconds=20)
handlers: dict[str, Handler] = {}


class NotYet(Exception):
    """A handler's row is not there yet, perhaps because its transaction has not committed: try again later."""


def register(event_type: str, handler: Handler) -> None:
    """Have `handler` called, inside the applying transaction, with every envelope of this `detail-type`."""
    if event_type in handlers:
        raise ValueError(f"{event_type} has a handler already")
    handlers[event_type] = handler


def event_time(envelope: Envelope) -> datetime:
    """Return when the provider says it happened (aware)."""
    return datetime.fromisoformat(envelope["time"])


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
        transaction.on_commit(lambda: _enqueue(event.pk), robust=True)
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


def _enqueue(event_id: int) -> None:
    from media_pipeline.tasks import apply_event  # the task calls back into this module

    apply_event.delay(event_id)


@transaction.atomic
def apply(event_id: int) -> None:
    """Apply one kept envelope. Harmless when repeated; raises NotYet when its time has not come."""
    event = ProviderEvent.objects.select_for_update().get(pk=event_id)
    if event.status != ProviderEvent.Status.WAITING:
        return
    handler = handlers.get(event.type)
    if handler:
        handler(event.envelope)
    event.status = ProviderEvent.Status.APPLIED if handler else ProviderEvent.Status.UNKNOWN
    event.applied_at = timezone.now()
    event.save(update_fields=["status", "applied_at"])


def note_failure(event_id: int, error: Exception) -> bool:
    """Record a failed attempt, outside the transaction that failed. True while it may be tried again."""
    waiting = ProviderEvent.objects.filter(pk=event_id, status=ProviderEvent.Status.WAITING)
    waiting.update(attempts=F("attempts") + 1, error=f"{type(error).__name__}: {error}"[:500])
    given_up = waiting.filter(attempts__gte=MAX_ATTEMPTS).update(status=ProviderEvent.Status.FAILED)
    if given_up:
        logger.error("provider event given up", extra={"event": event_id}, exc_info=error)
    return not given_up


def waiting_event_ids(*, limit: int = 200) -> list[int]:
    """Return events that should have been applied by now, oldest first: the broker lost their task."""
    overdue = timezone.now() - APPLY_AGAIN_AFTER
    waiting = ProviderEvent.objects.filter(status=ProviderEvent.Status.WAITING, received_at__lt=overdue)
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:limit])


def apply_again(event_id: int) -> None:
    """Put an event that failed, or that nobody understood then, back into the queue (staff's "try again")."""
    ProviderEvent.objects.filter(pk=event_id).exclude(status=ProviderEvent.Status.APPLIED).update(
        status=ProviderEvent.Status.WAITING, attempts=0, error=""
    )
    transaction.on_commit(lambda: _enqueue(event_id), robust=True)
