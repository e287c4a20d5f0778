from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.codes import new_code
from media_pipeline.models import Asset
from orders.carriers import CARRIERS, tracking_address
from orders.models.order import Order, OrderLine
from orders.models.payment import Refund


class Claim(models.Model):
    """A buyer's wish to cancel or send back (a part of) an order, or a seller's own refund of it.

    `orders.claims` moves it. A seller who says nothing until `answer_by` has agreed.
    """

    class Kind(models.TextChoices):
        CANCEL = "cancel", _("주문 취소")
        RETURN = "return", _("반품")
        GOODWILL = "goodwill", _("판매자 환불")

    class Status(models.TextChoices):
        ASKED = "asked", _("요청함")
        APPROVED = "approved", _("승인됨")
        """For a return: the goods are on their way back."""
        DONE = "done", _("처리 완료")
        REFUSED = "refused", _("거절됨")
        WITHDRAWN = "withdrawn", _("취소함")

    OPEN = (Status.ASKED, Status.APPROVED)

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=8, choices=Kind)
    status = models.CharField(max_length=9, choices=Status, default=Status.ASKED)
    reason = models.CharField(_("사유"), max_length=20)
    """A key of `orders.claims.REASONS`."""
    text = models.TextField(_("자세한 내용"), max_length=1000, blank=True)
    answer = models.TextField(_("판매자 답변"), max_length=1000, blank=True)
    buyer_pays_return = models.BooleanField(default=False)
    """Whether the way back is taken off the refund: a change of mind, not a fault."""
    carrier = models.CharField(max_length=20, blank=True, default="", db_default="")
    """Of the parcel that brings a return back: a key of `orders.carriers.CARRIERS`. The buyer may say it."""
    tracking_number = models.CharField(
        _("반품 운송장 번호"), max_length=30, blank=True, default="", db_default=""
    )
    sent_back_at = models.DateTimeField(null=True, blank=True)
    """When the buyer first gave the parcel's number."""
    refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="claim"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "answer_by"], name="orders_claims_to_answer")]

    def __str__(self) -> str:
        return self.code

    @property
    def waits_for_goods(self) -> bool:
        """Whether it is a return that the seller agreed to and has not got yet."""
        return self.kind == self.Kind.RETURN and self.status == self.Status.APPROVED

    @property
    def carrier_name(self) -> str | Promise:
        return CARRIERS[self.carrier].name if self.carrier in CARRIERS else ""

    @property
    def tracking_url(self) -> str:
        """Where the carrier shows how far the parcel is; "" where the buyer named none."""
        return tracking_address(self.carrier, self.tracking_number)


class ClaimLine(models.Model):
    """Pieces of a line that a claim is about."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="claim_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "line"], name="orders_claim_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_claim_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"


class Dispute(models.Model):
    """Buyer and seller do not agree; staff decide. While it is open the seller is not paid for the order."""

    class Status(models.TextChoices):
        OPEN = "open", _("진행 중")
        FOR_BUYER = "for_buyer", _("구매자에게 환불")
        FOR_SELLER = "for_seller", _("판매자에게 정산")
        WITHDRAWN = "withdrawn", _("취소함")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """None: a guest."""
    subject = models.CharField(_("문제"), max_length=20)
    """A key of `orders.disputes.SUBJECTS`."""
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    decision = models.TextField(_("결정 이유"), max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.code


class DisputeMessage(models.Model):
    """What one side, or staff, says in a dispute; a picture may come with it."""

    class Side(models.TextChoices):
        BUYER = "buyer", _("구매자")
        SELLER = "seller", _("판매자")
        STAFF = "staff", _("운영팀")

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=6, choices=Side)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(_("내용"), max_length=2000)
    photo = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.side}"
