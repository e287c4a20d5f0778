from django.conf import settings
from django.db import models

from broadcasts.models import Broadcast
from orders.models.checkout import Checkout


class Tip(models.Model):
    """What a checkout without goods pays for: support for a seller, given in a show. Such a checkout has no orders."""

    checkout = models.OneToOneField(Checkout, primary_key=True, on_delete=models.PROTECT, related_name="tip")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tips")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="tips"
    )

    def __str__(self) -> str:
        return f"{self.seller_id}: {self.checkout_id}"
