"""Applying kept envelopes: a handler per type, its effect and the "applied" mark in one transaction."""

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
