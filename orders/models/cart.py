from django.conf import settings
from django.db import models
from django.db.models import Q

from broadcasts.models import Broadcast
from catalog.models import Variant
from common.codes import new_secret

MAX_LINES = 50
MAX_QUANTITY = 99


class Cart(models.Model):
    """What somebody means to buy, from any number of sellers. It reserves nothing.

    A member has one on all devices. A guest's is found by `token`, which only a signed cookie of theirs carries;
    at sign-in it is merged into the member's (`orders.cart.merge`).
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="cart"
    )
    token = models.CharField(max_length=43, unique=True, default=new_secret, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            # for the task that throws away what guests left behind
            models.Index(fields=["changed_at"], condition=Q(member=None), name="orders_cart_of_guest")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CartLine(models.Model):
    """A variant in a cart. `seen_price` is what its owner last saw: nobody is charged another without being asked."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """The show it was last put in from; its live price and deals apply while they run."""
    quantity = models.PositiveSmallIntegerField()
    seen_price = models.PositiveIntegerField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="orders_cart_variant_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__lte=MAX_QUANTITY), name="orders_cart_quantity_possible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
