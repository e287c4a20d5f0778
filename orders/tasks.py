"""Tasks that beat starts (CELERY_BEAT_SCHEDULE), and what happens at once after a commit."""

from celery import shared_task

from common.errors import ProviderError, ProviderRefused
from orders import paying, sweeps


@shared_task(name="orders.expire_holds", expires=20)
def expire_holds() -> None:
    sweeps.expire_holds()


@shared_task(name="orders.settle_payments", expires=20)
def settle_payments() -> None:
    sweeps.settle_payments()
    sweeps.settle_refunds()


@shared_task(
    name="orders.settle_refund",
    autoretry_for=(ProviderError,),
    dont_autoretry_for=(ProviderRefused,),
    max_retries=3,
    retry_backoff=True,
)
def settle_refund(refund_id: int) -> None:
    """Ask the provider at once; what it does not answer, the sweep asks again."""
    paying.settle_refund(refund_id)
