"""Money that its provider will not give back: staff pay it to the buyer's account, and say here that they did."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from orders import ledger, signals
from orders.models import OrderLog, Refund


class NotRefused(DomainError):
    """The provider did not refuse the refund, or somebody paid it by hand before."""

    code = "not_refused"


@transaction.atomic
def note_paid_by_hand(refund_id: int, *, reference: str, by: User) -> None:
    """Note that staff paid a refused refund from our bank account; `reference` finds the transfer there.

    Raises NotRefused.
    """
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.status != Refund.Status.REFUSED:
        raise NotRefused(_("결제사가 거절한 환불만 계좌로 돌려줄 수 있어요. 지금 상태를 확인해 주세요."))
    refund.status, refund.done_at = Refund.Status.BY_HAND, timezone.now()
    refund.save(update_fields=["status", "done_at"])
    ledger.book_refund_by_hand(refund, note=reference)
    if refund.order is not None:
        note = f"{refund.amount:,} · {reference}"[:200]
        OrderLog.objects.create(
            order=refund.order, type="order.refund_by_hand", before=refund.order.status, by=by, note=note
        )
    transaction.on_commit(lambda: signals.refund_done.send_robust(Refund, refund_id=refund_id), robust=True)
