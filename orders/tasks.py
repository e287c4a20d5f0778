"""Tasks that beat starts (CELERY_BEAT_SCHEDULE)."""

from celery import shared_task

from orders import sweeps


@shared_task(name="orders.expire_holds", expires=20)
def expire_holds() -> None:
    sweeps.expire_holds()


@shared_task(name="orders.settle_payments", expires=20)
def settle_payments() -> None:
    sweeps.settle_payments()
    sweeps.settle_refunds()
