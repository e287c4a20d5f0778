from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from common.codes import new_code
from orders.models.checkout import Checkout
from orders.models.order import Order


class Offer(models.Model):
    """A buyer and a seller agreeing on the price of something second-hand. One open offer a buyer and variant.

    Whoever did not name the present price may accept, decline or name another.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("제안 중")
        ACCEPTED = "accepted", _("수락됨")
        DECLINED = "declined", _("거절됨")
        WITHDRAWN = "withdrawn", _("취소함")
        LAPSED = "lapsed", _("시간이 지났어요")

    class Side(models.TextChoices):
        BUYER = "buyer", _("구매자")
        SELLER = "seller", _("판매자")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="offers")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="offers")
    price = models.PositiveIntegerField(_("제안 금액"))
    by = models.CharField(max_length=6, choices=Side, default=Side.BUYER)
    """Who named `price`."""
    message = models.CharField(_("메시지"), max_length=200, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    checkout = models.OneToOneField(
        Checkout, null=True, blank=True, on_delete=models.SET_NULL, related_name="offer"
    )
    """The hold the buyer took at the agreed price."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    """Until when it may be answered; once accepted, until when the buyer may check out at this price."""

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["variant", "buyer"], name="orders_offers_of_buyer"),
            models.Index(fields=["status", "expires_at"], name="orders_offers_to_lapse"),
        ]

    def __str__(self) -> str:
        return self.code


class OfferStep(models.Model):
    """One price named in an offer."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="steps")
    by = models.CharField(max_length=6, choices=Offer.Side)
    price = models.PositiveIntegerField()
    message = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.price}"


class Meeting(models.Model):
    """Where and when an order is handed over in person. The buyer tells the code; whoever knows it had the goods."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("약속 제안")
        AGREED = "agreed", _("약속 확정")
        DONE = "done", _("거래 완료")
        MISSED = "missed", _("만나지 못함")
        CANCELLED = "cancelled", _("취소")

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="meeting")
    place = models.CharField(_("장소"), max_length=100)
    at = models.DateTimeField(_("시간"))
    proposed_by = models.CharField(max_length=6, choices=Offer.Side)
    status = models.CharField(max_length=9, choices=Status, default=Status.PROPOSED)
    code_digest = models.CharField(max_length=64, editable=False)
    """A keyed digest of the six digits: the table alone does not give them away."""
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    missed_by = models.CharField(max_length=6, choices=Offer.Side, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(status="agreed"), name="orders_meetings_to_remind")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at}"
