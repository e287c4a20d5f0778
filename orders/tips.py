"""Money without goods: support for a seller, given in a show. It is paid as every checkout is (`orders.paying`)."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast
from common.errors import DomainError
from common.templatetags.money import won
from orders import signals
from orders.holding import KeyReused
from orders.ledger import book_tip_owed
from orders.models import Checkout, Payment, Refund, Tip
from orders.moves import lock_checkout

LEAST, MOST = 1_000, 1_000_000
"""Won."""


class BadTip(DomainError):
    """Too little, too much, in a show that is not on the air, or to oneself."""

    code = "bad_tip"


class NothingToRefund(DomainError):
    """The tip was not paid."""

    code = "nothing_to_refund"


def start_tip(giver: User, show: Broadcast, *, amount: int, key: UUID) -> Tip:
    """Open a checkout for so many won to the show's seller, payable for settings.HOLD_SECONDS.

    Select `channel` with the show. A repeat of the key returns what the first call made. Raises BadTip, KeyReused.
    """
    if not LEAST <= amount <= MOST:
        bounds = {"least": won(LEAST), "most": won(MOST)}
        raise BadTip(_("%(least)s부터 %(most)s까지 후원할 수 있어요.") % bounds)
    if not show.is_on_air:
        raise BadTip(_("방송 중일 때만 후원할 수 있어요."))
    if show.channel.member_id == giver.pk:
        raise BadTip(_("내 방송은 후원할 수 없어요."))
    now = timezone.now()
    try:
        with transaction.atomic():
            checkout = Checkout.objects.create(
                buyer=giver,
                idempotency_key=key,
                goods=amount,
                total=amount,
                agreed_at=now,
                expires_at=now + timedelta(seconds=settings.HOLD_SECONDS),
            )
            return Tip.objects.create(checkout=checkout, seller_id=show.channel.member_id, broadcast=show)
    except IntegrityError:
        tip = Tip.objects.select_related("checkout").filter(checkout__idempotency_key=key).first()
        if tip is None or (tip.checkout.buyer_id, tip.checkout.total, tip.broadcast_id) != (
            giver.pk,
            amount,
            show.pk,
        ):
            raise KeyReused(_("이미 접수한 후원이에요. 새로 후원하려면 화면을 다시 열어 주세요.")) from None
        return tip


@transaction.atomic
def refund_tip(tip_id: int, *, reason: str) -> bool:
    """Give a paid tip back whole, commission included. False if it is on its way back already.

    Raises NothingToRefund.
    """
    lock_checkout(tip_id)
    tip = Tip.objects.get(pk=tip_id)
    payment = Payment.objects.filter(checkout=tip_id, status=Payment.Status.CONFIRMED).first()
    if payment is None:
        raise NothingToRefund(_("결제되지 않은 후원이에요."))
    if payment.refunds.exists():
        return False
    refund = Refund.objects.create(payment=payment, amount=payment.paid, reason=reason[:100])
    book_tip_owed(tip.seller_id, refund)
    transaction.on_commit(lambda: signals.refund_asked.send_robust(Refund, refund_id=refund.pk), robust=True)
    return True
