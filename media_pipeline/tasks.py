from celery import Task, shared_task

from media_pipeline import applying


@shared_task(name="media_pipeline.apply_event", bind=True, max_retries=applying.MAX_ATTEMPTS)
def apply_event(self: Task, event_id: int) -> None:
    """Apply one envelope; on any failure note it and come back: 1 s, 2 s, 4 s, … at most a minute apart."""
    try:
        applying.apply(event_id)
    except Exception as error:  # noqa: BLE001 a handler's bug must not lose the event: it is noted, retried, then shown to staff
        if applying.note_failure(event_id, error):
            raise self.retry(exc=error, countdown=min(60, 2**self.request.retries)) from error


@shared_task(name="media_pipeline.apply_waiting_events", expires=30)
def apply_waiting_events() -> None:
    """Apply what the broker lost."""
    for event_id in applying.waiting_event_ids():
        apply_event.delay(event_id)
