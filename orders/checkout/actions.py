"""What the buyer tells a checkout before paying, beside the address (`orders.addressing`)."""

from django.db import transaction
from django.utils import timezone

from orders.addressing import lock_open


@transaction.atomic
def set_email(checkout_id: int, email: str) -> None:
    """Note where a guest is reached. Raises HoldOver."""
    checkout = lock_open(checkout_id)
    checkout.email = email
    checkout.save(update_fields=["email"])


@transaction.atomic
def agree(checkout_id: int) -> None:
    """Note that the buyer ticked that what is bought was read. The first time counts. Raises HoldOver."""
    checkout = lock_open(checkout_id)
    if checkout.agreed_at is None:
        checkout.agreed_at = timezone.now()
        checkout.save(update_fields=["agreed_at"])
