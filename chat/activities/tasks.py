"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from chat.activities import closing, hearts, ticker
from chat.overlay import followers


@shared_task(name="activities.look_after", expires=2)
def look_after() -> None:
    """What a room hears once a second: counts, ends, orders and followers."""
    closing.look_after_activities()
    ticker.tell_orders()
    followers.tell_followers()


@shared_task(name="activities.keep_hearts", expires=30)
def keep_hearts() -> None:
    hearts.keep_hearts()
