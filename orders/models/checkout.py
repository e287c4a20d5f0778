from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from common.codes import new_secret


@dataclass(frozen=True, kw_only=True)
class ShippingAddress:
    """Where an order goes, under the names of the checkout's columns."""

    ship_name: str
    ship_phone: str
    ship_postcode: str
    ship_address: str
    ship_address_detail: str = ""


class CheckoutQuerySet(models.QuerySet["Checkout"]):
    def overdue(self) -> "CheckoutQuerySet":
        return self.filter(status=Checkout.Status.OPEN, expires_at__lte=timezone.now())


class Checkout(models.Model):
    """A hold: what somebody is about to pay in one go, one `Order` for each seller in it.

    While it is open its pieces are off the shelf. It may be paid until `expires_at` by the server's clock and not
    a moment later, however late the task is that gives the pieces back. `orders.moves` changes its status.
    Amounts are whole won and stand still once a payment was confirmed: total = goods + shipping - discount.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("결제 대기")
        PAID = "paid", _("결제 완료")
        FAILED = "failed", _("결제 실패")
        CANCELLED = "cancelled", _("취소")
        EXPIRED = "expired", _("시간 만료")

    code = models.CharField(max_length=43, unique=True, default=new_secret, editable=False)
    """Unguessable: a guest's browser is known by it."""
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="checkouts"
    )
    """None for a guest, who is reached by `email`."""
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    idempotency_key = models.UUIDField(unique=True, editable=False)
    from_cart = models.BooleanField(default=False)
    """Whether paying it takes its variants out of the buyer's cart."""

    goods = models.PositiveBigIntegerField()
    shipping = models.PositiveBigIntegerField(default=0)
    discount = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField()

    coupon = models.ForeignKey(
        "orders.Coupon", null=True, blank=True, db_index=False, on_delete=models.SET_NULL, related_name="+"
    )
    """The one that `discount` is by. It stays when the checkout comes to nothing, for who takes a hold anew."""

    ship_name = models.CharField(_("받는 사람"), max_length=40, blank=True)
    ship_phone = models.CharField(_("연락처"), max_length=13, blank=True)
    ship_postcode = models.CharField(_("우편번호"), max_length=5, blank=True)
    ship_address = models.CharField(_("주소"), max_length=200, blank=True)
    ship_address_detail = models.CharField(_("상세 주소"), max_length=100, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    """When the buyer ticked that what is bought and its terms were read (E-Commerce Act, art. 8)."""

    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    extended = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    """When it was paid or came to nothing."""

    objects = CheckoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("goods") + F("shipping") - F("discount")), name="orders_checkout_adds_up"
            ),
            models.CheckConstraint(condition=Q(total__gt=0), name="orders_checkout_total_positive"),
        ]
        indexes = [
            models.Index(fields=["buyer", "-created_at"], name="orders_checkout_of_buyer"),
            # for the task that gives the stock of unpaid checkouts back
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="orders_checkout_open"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

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
    def needs_address(self) -> bool:
        """Whether anything in it is sent: what is handed over in person needs none. One query, or prefetch `orders`."""
        return any(order.deal != Product.Deal.DIRECT for order in self.orders.all())

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_overdue(self) -> bool:
        """Whether its time to be paid is over, also while nobody has noted that yet."""
        return self.is_open and self.expires_at <= timezone.now()

    def in_time(self, now: datetime) -> bool:
        """Whether it may be paid at `now`."""
        return self.is_open and now < self.expires_at
