"""Applying kept envelopes: a handler per type, its effect and the "applied" mark in one transaction."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from common.errors import ProviderRefused
from media_pipeline.models import ProviderEvent

logger = logging.getLogger(__name__)

Envelope = dict[str, Any]
Handler = Callable[[Envelope], None]

MAX_ATTEMPTS = 12
SLOWEST = timedelta(seconds=60)
"""Tries are 1 s, 2 s, 4 s, … apart, at most this; with MAX_ATTEMPTS that is about six minutes in all."""

handlers: dict[str, Handler] = {}


class NotYet(Exception):
    """A handler's row is not there yet, perhaps because its transaction has not committed: try again later."""


def register(event_type: str, handler: Handler) -> None:
    """Have `handler` called, inside the applying transaction, with every envelope of this `detail-type`.

    NotYet and unforeseen errors are tried again, ProviderRefused is final: staff then see the event as failed.
    """
    if event_type in handlers:
        raise ValueError(f"{event_type} has a handler already")
    handlers[event_type] = handler


def event_time(envelope: Envelope) -> datetime:
    """Return when the provider says it happened (aware)."""
    return datetime.fromisoformat(envelope["time"])


def apply_waiting(*, seconds: float) -> bool:
    """Apply what waits, oldest first and each in a transaction of its own. True if time ran out before the events.

    Several workers may do so at once: each event is one worker's.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _apply_next():
            return False
    return True


def next_due() -> datetime | None:
    """Return when the next event may be tried again; None when none waits for its time."""
    later = ProviderEvent.objects.filter(status=ProviderEvent.Status.WAITING, due_at__gt=timezone.now())
    return later.order_by("due_at").values_list("due_at", flat=True).first()


def _due() -> QuerySet[ProviderEvent]:
    now = Q(due_at=None) | Q(due_at__lte=timezone.now())
    return ProviderEvent.objects.filter(now, status=ProviderEvent.Status.WAITING).order_by(
        "received_at", "pk"
    )


def _apply_next() -> bool:
    """Apply the oldest event that nobody else is applying, or note that it failed. False when there is none."""
    event = None
    try:
        with transaction.atomic():
            # Databases without it let one worker wait for the other instead.
            skip = connection.features.has_select_for_update_skip_locked
            event = _due().select_for_update(skip_locked=skip).first()
            if event is None:
                return False
            _apply(event)
    except Exception as error:
        if event is None:
            raise  # the database, not the event
        note_failure(event.pk, error)
    return True


@transaction.atomic
def apply(event_id: int) -> None:
    """Apply one kept envelope. Harmless when repeated; raises what its handler raises."""
    event = ProviderEvent.objects.select_for_update().get(pk=event_id)
    if event.status == ProviderEvent.Status.WAITING:
        _apply(event)


def _apply(event: ProviderEvent) -> None:
    handler = handlers.get(event.type)
    if handler:
        handler(event.envelope)
    event.status = ProviderEvent.Status.APPLIED if handler else ProviderEvent.Status.UNKNOWN
    event.error = ""
    event.applied_at = timezone.now()
    event.save(update_fields=["status", "error", "applied_at"])


@transaction.atomic
def note_failure(event_id: int, error: Exception) -> None:
    """Record a failed try, outside the transaction that failed, and when the next may be; or that it was the last."""
    event = ProviderEvent.objects.select_for_update().get(pk=event_id)
    if event.status != ProviderEvent.Status.WAITING:
        return
    event.attempts += 1
    event.error = f"{type(error).__name__}: {error}"[:500]
    event.due_at = timezone.now() + min(SLOWEST, timedelta(seconds=2 ** (event.attempts - 1)))
    if isinstance(error, ProviderRefused) or event.attempts >= MAX_ATTEMPTS:
        event.status = ProviderEvent.Status.FAILED
        # Neither the error's text nor its trace: they may repeat what the envelope says.
        kind = type(error).__name__
        logger.error("provider event given up", extra={"event": event_id, "type": event.type, "error": kind})
    event.save(update_fields=["attempts", "error", "due_at", "status"])
