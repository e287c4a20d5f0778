from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from broadcasts.models import LineupItem
from catalog.models import MAX_PRICE, Category, Variant
from orders.models.checkout import Checkout


class FlashDeal(models.Model):
    """A lower price of a product in one show, for a time and, if wanted, for so many pieces.

    `starts_at` to `ends_at` is what buyers are shown. The server takes the price for settings.DEAL_GRACE_SECONDS
    longer: the picture of somebody who hears "now!" is that much behind.
    """

    item = models.ForeignKey(LineupItem, on_delete=models.CASCADE, related_name="deals")
    price = models.PositiveIntegerField(
        _("특가"), validators=[MinValueValidator(100), MaxValueValidator(MAX_PRICE)]
    )
    """Of the product; a variant's extra price comes on top."""
    starts_at = models.DateTimeField(_("시작"))
    ends_at = models.DateTimeField(_("끝"))
    quantity = models.PositiveIntegerField(_("수량 한정"), null=True, blank=True)
    left = models.IntegerField(null=True, blank=True, editable=False)
    """How many more may be bought at this price; None without a limit. Only `orders.deals.taking` changes it."""
    per_member = models.PositiveSmallIntegerField(_("1인당 수량"), null=True, blank=True)
    """With a limit a member each; guests cannot buy at such a price."""
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the seller ended it early."""
    version = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    """Grows with every change of `left`: browsers drop older news that arrives later."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="orders_deal_takes_time"),
            models.CheckConstraint(
                condition=Q(left=None) | Q(left__gte=0), name="orders_deal_never_oversold"
            ),
        ]
        indexes = [models.Index(fields=["item", "ends_at"], name="orders_deal_of_item")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.price}"


class DealAllowance(models.Model):
    """How many pieces a member took at a deal that has a limit a member. Only `orders.deals.taking` changes it."""

    deal = models.ForeignKey(FlashDeal, on_delete=models.CASCADE, related_name="allowances")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "member"], name="orders_deal_allowance_once_a_member")
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.member_id}: {self.taken}"


class Coupon(models.Model):
    """A discount that members claim once each, by its code or from a drop in a show, and use once."""

    code = models.CharField(_("쿠폰 코드"), max_length=20, unique=True)
    """Upper case."""
    name = models.CharField(_("이름"), max_length=60)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="coupons"
    )
    """Whose goods it is for; None: the platform's, for everything."""
    broadcast = models.ForeignKey(
        "broadcasts.Broadcast", null=True, blank=True, on_delete=models.SET_NULL, related_name="coupons"
    )
    """The show it is dropped in; it may be claimed by its code anywhere."""
    amount = models.PositiveIntegerField(_("할인 금액"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(
        _("할인율"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    at_most = models.PositiveIntegerField(_("최대 할인 금액"), null=True, blank=True)
    """Won, for a percentage."""
    minimum = models.PositiveIntegerField(_("최소 주문 금액"), default=0)
    """Won of goods that it applies to."""
    platform_share = models.PositiveSmallIntegerField(
        _("플랫폼 부담률"), default=0, validators=[MaxValueValidator(100)]
    )
    """Per cent of the discount that the platform bears; the seller bears the rest."""
    quantity = models.PositiveIntegerField(_("수량"))
    left = models.IntegerField(editable=False)
    """How many may still be claimed. Only `orders.deals.coupons` changes it."""
    starts_at = models.DateTimeField(_("시작"))
    ends_at = models.DateTimeField(_("끝"))
    """Neither claimed nor used afterwards."""
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left__gte=0), name="orders_coupon_never_overclaimed"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) ^ Q(percent__isnull=True),
                name="orders_coupon_amount_or_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def counts_at(self, at: datetime) -> bool:
        """Whether it may be claimed and used at a moment, if any is left."""
        return self.stopped_at is None and self.starts_at <= at < self.ends_at


class CouponClaim(models.Model):
    """A member's own piece of a coupon. While `checkout` is set it is used, or kept for a checkout in progress."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="claims")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coupon_claims"
    )
    checkout = models.OneToOneField(
        Checkout, null=True, blank=True, on_delete=models.SET_NULL, related_name="coupon_claim"
    )
    claimed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "member"], name="orders_coupon_once_a_member")
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.member_id}"


class Waiting(models.Model):
    """A member's place in the queue for a variant that is sold out. The first in line is offered a timed hold."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("기다리는 중")
        OFFERED = "offered", _("차례가 왔어요")
        BOUGHT = "bought", _("구매함")
        LAPSED = "lapsed", _("시간이 지났어요")
        LEFT = "left", _("그만 기다림")

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="queue")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waiting")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    checkout = models.OneToOneField(
        Checkout, null=True, blank=True, on_delete=models.SET_NULL, related_name="offered_to"
    )
    """The hold that was offered."""
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["variant", "status", "id"], name="orders_queue")]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.member_id}"


class CommissionRate(models.Model):
    """What the platform keeps of a sale. The most particular rule counts: seller, then category, then its parents.

    The rate without both stands in settings.COMMISSION_BASIS_POINTS.
    """

    seller = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="commission"
    )
    category = models.OneToOneField(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="commission"
    )
    basis_points = models.PositiveSmallIntegerField(
        _("수수료율(0.01%)"), validators=[MaxValueValidator(5000)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seller__isnull=True) ^ Q(category__isnull=True), name="orders_commission_of_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.basis_points / 100:.2f} %"
