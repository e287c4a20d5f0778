"""What payment providers tell by webhook: kept first, then asked about. A notice says where to look, nothing more."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders.models import Payment, PaymentNotice
from orders.paying import settle_payment
from orders.payments import payments

logger = logging.getLogger(__name__)

NOTICES_A_ROUND = 100
TRY_AGAIN_AFTER = timedelta(seconds=15)
GIVE_UP_AFTER = timedelta(days=1)
KEEP_FOR = timedelta(days=90)
LONGEST_REF = 12


def keep_notice(method: str, headers: Mapping[str, str], body: bytes) -> PaymentNotice | None:
    """Return the kept call; None if it came before.

    `headers` have lower-case names. Raises BadSignature, ValueError for a body that makes no sense, ProviderRefused
    for a method that there is none of.
    """
    said = payments(method).read_notice(headers, body)
    try:
        with transaction.atomic():
            return PaymentNotice.objects.create(
                method=method,
                event_id=said.event_id,
                ref=said.ref if len(said.ref) <= LONGEST_REF else "",
                type=said.type[:80],
                body=said.body,
            )
    except IntegrityError:
        if PaymentNotice.objects.filter(method=method, event_id=said.event_id).exists():
            return None
        raise


def settle_notice(notice_id: int) -> None:
    """Ask the provider about the payment a notice speaks of. It stays to be done while there is no such payment.

    Safe to run any number of times, also at once. Raises ProviderError: then it stays to be done.
    """
    notice = PaymentNotice.objects.get(pk=notice_id)
    if notice.done_at is not None:
        return
    if notice.ref:
        payment = Payment.objects.filter(method=notice.method, ref=notice.ref).first()
        if payment is None:
            return
        try:
            settle_payment(payment.pk)
        except ProviderRefused as refusal:
            _give_up(notice_id, str(refusal))
            raise
    PaymentNotice.objects.filter(pk=notice_id).update(done_at=timezone.now(), problem="")


def settle_notices() -> int:
    """Try again what is not done; return how many were tried. After a day what is left is given up for staff to see."""
    now = timezone.now()
    open_ones = PaymentNotice.objects.filter(done_at=None)
    for notice in open_ones.filter(received_at__lte=now - GIVE_UP_AFTER)[:NOTICES_A_ROUND]:
        known = Payment.objects.filter(method=notice.method, ref=notice.ref).exists()
        _give_up(notice.pk, "the provider did not answer for a day" if known else "there is no such payment")
    payment = Payment.objects.filter(method=OuterRef("method"), ref=OuterRef("ref"))
    due = open_ones.filter(Exists(payment), received_at__lte=now - TRY_AGAIN_AFTER).order_by("received_at")
    tried, silent = 0, set()
    for notice in due[:NOTICES_A_ROUND]:
        if notice.method in silent:
            continue
        tried += 1
        try:
            settle_notice(notice.pk)
        except ProviderRefused:
            continue  # given up, with its reason
        except ProviderError:
            logger.warning("notice not settled", exc_info=True, extra={"notice": notice.pk})
            silent.add(notice.method)
    return tried


def open_again(notice_ids: list[int]) -> None:
    """Take back that notices are done or given up, so that `settle_notice` looks at them once more."""
    PaymentNotice.objects.filter(pk__in=notice_ids).update(done_at=None, problem="")


def forget_old_notices() -> int:
    """Delete what was done long ago; return how many there were."""
    return PaymentNotice.objects.filter(done_at__lte=timezone.now() - KEEP_FOR).delete()[0]


def _give_up(notice_id: int, why: str) -> None:
    logger.error("payment notice given up", extra={"notice": notice_id, "why": why})
    PaymentNotice.objects.filter(pk=notice_id, done_at=None).update(done_at=timezone.now(), problem=why[:200])
