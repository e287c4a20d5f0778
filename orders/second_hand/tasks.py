"""Tasks that beat starts (CELERY_BEAT_SCHEDULE). `orders.tasks` imports them, where Celery looks."""

from celery import shared_task
from django.utils import timezone

from orders.second_hand import sweeps


@shared_task(name="orders.lapse_offers", expires=60)
def lapse_offers() -> None:
    sweeps.lapse_offers()


@shared_task(name="orders.look_after_meetings", expires=60)
def look_after_meetings() -> None:
    now = timezone.now()
    sweeps.end_meetings()
    sweeps.remind_of_meetings(now)
    sweeps.settle_missed(now)
    sweeps.warn_of_unfinished(now)
    sweeps.give_up_unfinished(now)
