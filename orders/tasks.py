"""Tasks that beat starts (CELERY_BEAT_SCHEDULE), and what happens at once after a commit."""

from celery import shared_task

from common.errors import ProviderError, ProviderRefused
from orders import paying, sweeps
from orders.ads import charging, counting
from orders.cart.actions import forget_old_carts as forget_old_guest_carts
from orders.deals import waiting
from orders.deals.waiting_news import mail_offered
from orders.settlements.actions import settle_all
from orders.settlements.months import last_month


@shared_task(name="orders.expire_holds", expires=20)
def expire_holds() -> None:
    sweeps.expire_holds()


@shared_task(name="orders.forget_old_carts")
def forget_old_carts() -> None:
    forget_old_guest_carts()


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


@shared_task(name="orders.offer_waiting", expires=60)
def offer_waiting(variant_id: int | None = None) -> None:
    """Offer what came back to those who wait for it: of one variant, or, from beat, of all that need it."""
    waiting.settle_offers()
    for each in [variant_id] if variant_id else waiting.waited_for():
        waiting.offer_next(each)


@shared_task(
    name="orders.mail_waiting_offer",
    autoretry_for=(ProviderError,),
    dont_autoretry_for=(ProviderRefused,),
    max_retries=3,
    retry_backoff=True,
)
def mail_waiting_offer(waiting_id: int) -> None:
    mail_offered(waiting_id)


@shared_task(name="orders.settle_last_month", expires=1800)
def settle_last_month() -> None:
    """Every hour, so that a round that was cut short goes on; what is settled stays as it is."""
    settle_all(last_month())


@shared_task(name="orders.flush_impressions", expires=50)
def flush_impressions() -> None:
    counting.flush_impressions()


@shared_task(name="orders.book_ad_days", expires=1800)
def book_ad_days() -> None:
    charging.book_days()
