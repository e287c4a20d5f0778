"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task
from django.utils import timezone

from trailers.delivering import deliver_due, give_up_lost
from trailers.delivery_plan import plan_reminders
from trailers.sweeps import cancel_with_their_shows


@shared_task(name="trailers.send_reminders", expires=20)
def send_reminders() -> None:
    cancel_with_their_shows()
    now = timezone.now()
    plan_reminders(now)
    give_up_lost(now)
    deliver_due(now)
