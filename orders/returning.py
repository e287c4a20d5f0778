"""The way back of a return: the parcel that it is in, as its buyer says."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from orders import signals
from orders.carriers import clean_tracking
from orders.claims import NoClaim, lock_claim
from orders.models import Claim, OrderLog


@transaction.atomic
def note_sent_back(claim_id: int, *, carrier: str, number: str, by: User | None) -> bool:
    """Note how an approved return was sent; again with another number puts that right. `by` None is a guest.

    False if that stood there already. Raises WrongTracking, ClaimOver, NoClaim.
    """
    number = clean_tracking(carrier, number)
    claim = lock_claim(claim_id)
    if not claim.waits_for_goods:
        raise NoClaim(_("판매자가 반품을 승인한 다음에 적을 수 있어요."))
    if (claim.carrier, claim.tracking_number) == (carrier, number):
        return False
    claim.carrier, claim.tracking_number = carrier, number
    claim.sent_back_at = claim.sent_back_at or timezone.now()
    claim.save(update_fields=["carrier", "tracking_number", "sent_back_at"])
    OrderLog.objects.create(order=claim.order, type="claim.sent_back", by=by, note=f"{carrier} {number}")
    transaction.on_commit(
        lambda: signals.claim_sent_back.send_robust(Claim, claim_id=claim.pk, number=number), robust=True
    )
    return True
