import logging
from datetime import datetime

import redis
from celery import shared_task
from django.utils import timezone

from common.redis_client import redis_client
from media_pipeline import applying, forgetting

logger = logging.getLogger(__name__)

CALLED = "events:called"
CALL_AGAIN_SECONDS = 1
TURN_SECONDS = 2
"""How long one task applies events before other tasks have their turn."""


def call_worker() -> None:
    """Have waiting events applied now. While somebody is at it, calls are not repeated more than once a second.

    Without Redis the periodic task finds them.
    """
    try:
        if redis_client().set(CALLED, 1, nx=True, ex=CALL_AGAIN_SECONDS):
            apply_waiting_events.delay()
    except (redis.RedisError, OSError):
        logger.warning("events wait for the periodic task", exc_info=True)


@shared_task(name="media_pipeline.apply_waiting_events", expires=30)
def apply_waiting_events() -> None:
    """Apply everything that waits, however it was called: one task serves many events."""
    more = applying.apply_waiting(seconds=TURN_SECONDS)
    redis_client().delete(CALLED)
    # Whoever came after the last look and before the flag fell did not call.
    if more or applying.apply_waiting(seconds=TURN_SECONDS):
        apply_waiting_events.delay()
    elif due := applying.next_due():
        _call_at(due)


def _call_at(moment: datetime) -> None:
    """Have events applied at a moment within the next minute, however often this is asked for."""
    wait = max(0.0, (moment - timezone.now()).total_seconds())
    if redis_client().set(f"{CALLED}:{moment.timestamp():.0f}", 1, nx=True, ex=round(wait) + 5):
        apply_waiting_events.apply_async(countdown=wait, expires=wait + 30)


@shared_task(name="media_pipeline.forget_old_events", expires=3600)
def forget_old_events() -> None:
    forgetting.forget_old_events()
