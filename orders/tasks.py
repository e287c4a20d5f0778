"""Tasks that beat starts (CELERY_BEAT_SCHEDULE), and what happens at once after a commit."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders import claims, confirming, notices, paying, staff_mails, sweeps
from orders.ads import charging, counting
from orders.cart.actions import forget_old_carts as forget_old_guest_carts
from orders.deals import waiting
from orders.deals.waiting_news import mail_offered
from orders.payments import sandbox_notices
from orders.second_hand import tasks as second_hand_tasks  # noqa: F401 registers them
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
    notices.settle_notices()


@shared_task(name="orders.take_back_payments")
def take_back_payments(checkout_id: int) -> None:
    """At once, so that nobody pays what is over; what a provider does not answer, the sweep asks again."""
    sweeps.settle_payments_of(checkout_id)


@shared_task(name="orders.settle_notice")
def settle_notice(notice_id: int) -> None:
    """Look at a webhook call at once; what does not work out is tried again by the sweep."""
    with suppress(ProviderError):
        notices.settle_notice(notice_id)


@shared_task(name="orders.forget_old_notices")
def forget_old_notices() -> None:
    notices.forget_old_notices()


@shared_task(name="orders.tell_of_sandbox_payment")
def tell_of_sandbox_payment(ref: str) -> None:
    sandbox_notices.tell(ref)


@shared_task(
    name="orders.mail_stray",
    autoretry_for=(ProviderError,),
    dont_autoretry_for=(ProviderRefused,),
    max_retries=5,
    retry_backoff=True,
)
def mail_stray(payment_id: int) -> None:
    staff_mails.mail_stray(payment_id)


@shared_task(
    name="orders.mail_refused_refund",
    autoretry_for=(ProviderError,),
    dont_autoretry_for=(ProviderRefused,),
    max_retries=5,
    retry_backoff=True,
)
def mail_refused_refund(refund_id: int) -> None:
    staff_mails.mail_refused_refund(refund_id)


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


@shared_task(name="orders.move_silent_orders", expires=600)
def move_silent_orders() -> None:
    """What happens when nobody says anything: claims are approved, parcels arrive, purchases are confirmed."""
    now = timezone.now()
    claims.approve_silent(now)
    confirming.deliver_late(now)
    confirming.warn_of_confirming(now)
    confirming.confirm_silent(now)
