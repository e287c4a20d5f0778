import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from catalog.models import Product
from common.codes import ALPHABET, new_code


def new_order_code() -> str:
    """Return a fresh order number such as 20261121-7K3M-9QXA: the day, then 40 random bits."""
    letters = "".join(secrets.choice(ALPHABET.upper()) for _ in range(8))
    return f"{timezone.localdate():%Y%m%d}-{letters[:4]}-{letters[4:]}"


@dataclass(frozen=True, kw_only=True)
class ShippingAddress:
    """Where an order goes, under the names of the order's columns."""

    ship_name: str
    ship_phone: str
    ship_postcode: str
    ship_address: str
    ship_address_detail: str = ""


class OrderQuerySet(models.QuerySet["Order"]):
    def sold(self) -> "OrderQuerySet":
        """Paid at some time, newest first: what a seller sees."""
        return self.filter(paid_at__isnull=False).order_by("-paid_at")

    def overdue(self) -> "OrderQuerySet":
        return self.filter(status=Order.Status.PENDING, expires_at__lte=timezone.now())

    def for_cards(self) -> "OrderQuerySet":
        """With everything a list or a receipt reads, in a fixed number of queries."""
        return self.select_related("buyer", "seller", "broadcast").prefetch_related("lines__product__images")

    def totals(self) -> dict[str, int]:
        """Return {"count": orders, "revenue": won}."""
        sums = self.aggregate(count=models.Count("pk"), revenue=Sum("total"))
        return {"count": sums["count"], "revenue": sums["revenue"] or 0}


class Order(models.Model):
    """What one member buys from one seller. `orders.moves` changes its status; the allowed moves stand there.

    Amounts are whole won. While it is pending it keeps its pieces of the stock, until `expires_at`.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("결제 대기")
        PAID = "paid", _("결제 완료")
        FAILED = "failed", _("결제 실패")
        CANCELLED = "cancelled", _("주문 취소")
        EXPIRED = "expired", _("시간 만료")

    code = models.CharField(_("주문번호"), max_length=20, unique=True, default=new_order_code, editable=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sales")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    total = models.PositiveBigIntegerField()
    idempotency_key = models.UUIDField(editable=False)

    ship_name = models.CharField(_("받는 사람"), max_length=40)
    ship_phone = models.CharField(_("연락처"), max_length=13)
    ship_postcode = models.CharField(_("우편번호"), max_length=5)
    ship_address = models.CharField(_("주소"), max_length=200)
    ship_address_detail = models.CharField(_("상세 주소"), max_length=100, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    """When it came to nothing: failed, cancelled or expired."""

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="orders_order_once_a_key"),
            models.CheckConstraint(condition=Q(total__gt=0), name="orders_order_total_positive"),
        ]
        indexes = [
            models.Index(fields=["buyer", "-created_at"], name="orders_of_buyer"),  # order history
            models.Index(fields=["seller", "-paid_at"], name="orders_of_seller"),  # sales history
            # for the task that gives the stock of unpaid orders back
            models.Index(fields=["expires_at"], condition=Q(status="pending"), name="orders_unpaid"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def address(self) -> ShippingAddress:
        return ShippingAddress(
            ship_name=self.ship_name,
            ship_phone=self.ship_phone,
            ship_postcode=self.ship_postcode,
            ship_address=self.ship_address,
            ship_address_detail=self.ship_address_detail,
        )

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    @property
    def is_overdue(self) -> bool:
        """Whether its time to be paid is over, also while nobody has noted that yet."""
        return self.is_pending and self.expires_at <= timezone.now()


class OrderLine(models.Model):
    """One product of an order, with name and price as they were when it was ordered."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_lines")
    name = models.CharField(max_length=80)
    unit_price = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "product"], name="orders_line_product_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="orders_line_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity

    @property
    def image_url(self) -> str:
        """The product's picture as it is now. Reads what `for_cards` prefetches."""
        return self.product.image_url


class OrderLog(models.Model):
    """What happened to an order, written in the transaction that did it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="log")
    type = models.CharField(max_length=40)
    before = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.type}"


class PaymentQuerySet(models.QuerySet["Payment"]):
    def unsettled(self) -> "PaymentQuerySet":
        """Those of which the provider still has something to tell or to do."""
        return self.filter(status__in=Payment.UNSETTLED)

    def refunded(self) -> "PaymentQuerySet":
        return self.filter(status__in=[Payment.Status.REFUNDING, Payment.Status.REFUNDED])


class Payment(models.Model):
    """One attempt to pay an order at a provider. `orders.moves` changes its status.

    It outlives its order: what is paid after the order expired or was cancelled is refunded.
    """

    class Status(models.TextChoices):
        STARTED = "started", _("진행 중")
        CONFIRMED = "confirmed", _("결제 완료")
        FAILED = "failed", _("결제 실패")
        CANCELLED = "cancelled", _("취소")
        REFUNDING = "refunding", _("환불 중")
        REFUNDED = "refunded", _("환불 완료")

    UNSETTLED = (Status.STARTED, Status.REFUNDING)

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=20)
    """A key of settings.PAYMENTS."""
    ref = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    """Our public name of it; the provider is asked by it."""
    provider_ref = models.CharField(max_length=200, blank=True)
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.STARTED)
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now)
    """When the provider was last asked; the longest not asked is asked first."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_payment_amount_positive"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="confirmed"), name="orders_paid_once"
            ),
        ]
        indexes = [
            # for the task that asks the provider about payments whose buyer never came back
            models.Index(
                fields=["asked_at"],
                condition=Q(status__in=["started", "refunding"]),
                name="orders_payment_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class SandboxPayment(models.Model):
    """A payment at the practice provider (`orders.payments.sandbox`): its own books, not ours."""

    class Choice(models.TextChoices):
        SUCCEED = "succeed", _("결제 성공")
        FAIL = "fail", _("결제 실패")
        CANCEL = "cancel", _("그만두기")
        SLOW = "slow", _("느린 결제")

    SLOWNESS = timedelta(seconds=6)

    ref = models.CharField(max_length=12, unique=True)
    amount = models.PositiveBigIntegerField()
    order_name = models.CharField(max_length=100)
    return_url = models.CharField(max_length=500)
    expires_at = models.DateTimeField()
    choice = models.CharField(max_length=10, choices=Choice, blank=True)
    """What the buyer pressed; the first press counts."""
    known_at = models.DateTimeField(null=True, blank=True)
    """From when on it tells the outcome: a slow payment takes SLOWNESS."""
    refunded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.ref
