import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from catalog.models import Product, Variant
from common.codes import ALPHABET
from orders.models.checkout import Checkout, ShippingAddress


def new_order_code() -> str:
    """Return a fresh order number such as 20261121-7K3M-9QXA: the day, then 40 random bits."""
    letters = "".join(secrets.choice(ALPHABET.upper()) for _ in range(8))
    return f"{timezone.localdate():%Y%m%d}-{letters[:4]}-{letters[4:]}"


class OrderQuerySet(models.QuerySet["Order"]):
    def sold(self) -> "OrderQuerySet":
        """Paid at some time, newest first: what a seller sees."""
        return self.filter(paid_at__isnull=False).order_by("-paid_at")

    def for_cards(self) -> "OrderQuerySet":
        """With everything a list or a receipt reads, in a fixed number of queries."""
        return self.select_related("checkout", "buyer", "seller", "broadcast").prefetch_related(
            "lines__product__images"
        )

    def totals(self) -> dict[str, int]:
        """Return {"count": orders, "revenue": won that did not go back}."""
        sums = self.aggregate(count=models.Count("pk"), revenue=Sum(F("total") - F("refunded")))
        return {"count": sums["count"], "revenue": sums["revenue"] or 0}


class Order(models.Model):
    """What is bought from one seller in one checkout. `orders.moves` changes its status; the moves stand there.

    Amounts are whole won: total = goods + shipping - discount.
    """

    class Status(models.TextChoices):
        PLACED = "placed", _("결제 대기")
        PAID = "paid", _("결제 완료")
        PREPARING = "preparing", _("상품 준비 중")
        SHIPPED = "shipped", _("배송 중")
        DELIVERED = "delivered", _("배송 완료")
        CONFIRMED = "confirmed", _("구매 확정")
        RETURN_ASKED = "return_asked", _("반품 요청")
        RETURNED = "returned", _("반품 도착")
        REFUNDED = "refunded", _("환불 완료")
        CANCELLED = "cancelled", _("주문 취소")
        FAILED = "failed", _("결제 실패")
        EXPIRED = "expired", _("시간 만료")

    code = models.CharField(_("주문번호"), max_length=20, unique=True, default=new_order_code, editable=False)
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="orders")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    """The checkout's, so that one index finds the orders of a member; None for a guest."""
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sales")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    """The show that its first line was bought in, if any."""
    deal = models.CharField(
        max_length=11, choices=Product.Deal, default=Product.Deal.RETAIL, db_default=Product.Deal.RETAIL
    )
    """Goods of different kinds of deal never share an order."""
    status = models.CharField(max_length=12, choices=Status, default=Status.PLACED)
    goods = models.PositiveBigIntegerField()
    shipping = models.PositiveBigIntegerField(default=0)
    discount = models.PositiveBigIntegerField(default=0)
    platform_discount = models.PositiveBigIntegerField(default=0)
    """That part of `discount` which the platform bears; the seller bears the rest."""
    refunded = models.PositiveBigIntegerField(default=0)
    """Won that went back, or are on their way back, to the buyer."""
    total = models.PositiveBigIntegerField()

    carrier = models.CharField(max_length=20, blank=True)
    """A key of `orders.carriers.CARRIERS`."""
    tracking_number = models.CharField(_("운송장 번호"), max_length=30, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    """When it came to nothing: failed, cancelled, expired or refunded."""

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("goods") + F("shipping") - F("discount")), name="orders_order_adds_up"
            ),
            models.CheckConstraint(condition=Q(goods__gt=0), name="orders_order_goods_positive"),
            models.CheckConstraint(
                condition=Q(platform_discount__lte=F("discount")), name="orders_order_discount_parts"
            ),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("total")), name="orders_order_refund_at_most_all"
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-created_at"], name="orders_of_buyer"),  # order history
            models.Index(fields=["seller", "-paid_at"], name="orders_of_seller"),  # sales history
            models.Index(fields=["status", "delivered_at"], name="orders_by_status"),  # sweeps
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def address(self) -> ShippingAddress:
        """Where it goes. Select `checkout` with the order: this reads it."""
        return self.checkout.address

    @property
    def is_placed(self) -> bool:
        return self.status == self.Status.PLACED


class OrderLine(models.Model):
    """One variant of an order, with names and prices as they were when it was put on hold."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="order_lines")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    flash_deal = models.ForeignKey(
        "orders.FlashDeal", null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    """The deal whose price it has, and whose count it goes back to if the order comes to nothing."""
    name = models.CharField(max_length=80)
    variant_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    regular_price = models.PositiveIntegerField()
    """What one piece cost without a live price or a deal."""
    unit_price = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()
    discount = models.PositiveBigIntegerField(default=0)
    """This line's share of the coupon, in won. The shares of all lines add up to the checkout's discount."""
    returned = models.PositiveIntegerField(default=0, db_default=0)
    """Pieces that were cancelled or sent back, or are about to be."""
    commission_points = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    """The rate that was booked, in hundredths of a per cent; None before the sale is."""

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="orders_line_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="orders_line_price_positive"),
            models.CheckConstraint(
                condition=Q(returned__lte=F("quantity")), name="orders_line_returned_at_most_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"

    @property
    def amount(self) -> int:
        """Won, before the coupon."""
        return self.unit_price * self.quantity

    @property
    def pieces_left(self) -> int:
        """Pieces that were not cancelled or sent back."""
        return self.quantity - self.returned

    @property
    def image_url(self) -> str:
        """The product's picture as it is now. Reads what `for_cards` prefetches."""
        return self.product.image_url


class NeverChanged(Exception):
    """An evidence card is written once; a change of it is a fault of the program."""


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def update(self, **values: object) -> int:
        raise NeverChanged

    def delete(self) -> tuple[int, dict[str, int]]:
        raise NeverChanged


class Evidence(models.Model):
    """What the buyer was shown at the moment of ordering. Written once with the order and never changed.

    `orders.evidence` makes `card` and says what stands in it.
    """

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.CASCADE, related_name="evidence")
    card = models.JSONField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the card's canonical JSON, hexadecimal: shows that nobody changed it."""

    objects = EvidenceQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.order_id)

    def save(self, **options: Any) -> None:  # noqa: ANN401 Django's signature
        if not self._state.adding:
            raise NeverChanged
        super().save(**options | {"force_insert": True})

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ANN401
        raise NeverChanged


class OrderLog(models.Model):
    """What happened to an order, written in the transaction that did it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="log")
    type = models.CharField(max_length=40)
    before = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.type}"
