from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.codes import new_code
from orders.models.checkout import Checkout
from orders.models.order import Order, OrderLine


class PaymentQuerySet(models.QuerySet["Payment"]):
    def unsettled(self) -> "PaymentQuerySet":
        """Those of which the provider still has something to tell."""
        return self.filter(status=Payment.Status.STARTED)


class Payment(models.Model):
    """One attempt to pay a checkout at a provider. `orders.moves` changes its status.

    It outlives its checkout: what is paid after that expired, was cancelled or was paid otherwise is refunded.
    """

    class Status(models.TextChoices):
        STARTED = "started", _("진행 중")
        CONFIRMED = "confirmed", _("결제 완료")
        FAILED = "failed", _("결제 실패")
        CANCELLED = "cancelled", _("취소")
        STRAY = "stray", _("받을 수 없는 결제")
        """Money came that no order may take: too late, twice or of a wrong amount. A refund goes with it."""

    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=20)
    """A key of settings.PAYMENTS."""
    ref = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    """Our public name of it; the provider is asked by it."""
    provider_ref = models.CharField(max_length=200, blank=True)
    amount = models.PositiveBigIntegerField()
    """Won we asked for."""
    paid = models.PositiveBigIntegerField(default=0, db_default=0)
    """Won the provider took; differs from `amount` only on a stray payment."""
    status = models.CharField(max_length=10, choices=Status, default=Status.STARTED)
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now)
    """When the provider was last asked; the longest not asked is asked first."""
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_payment_amount_positive")
        ]
        indexes = [
            # for the task that asks the provider about payments whose buyer never came back
            models.Index(fields=["asked_at"], condition=Q(status="started"), name="orders_payment_to_ask"),
        ]

    def __str__(self) -> str:
        return self.ref


class Refund(models.Model):
    """Money on its way back to a buyer: asked of the provider until it is done. One row is one refund there.

    `key` makes the provider do it once however often it is asked.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("환불 중")
        DONE = "done", _("환불 완료")
        REFUSED = "refused", _("환불 거절됨")
        """The provider will not: staff must pay it back otherwise."""
        BY_HAND = "by_hand", _("계좌로 환불함")
        """Staff paid it to the buyer's account, after the provider refused."""

    BACK = (Status.DONE, Status.BY_HAND)
    """The buyer has the money."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds")
    """None for a stray payment, which belongs to no order."""
    key = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    amount = models.PositiveBigIntegerField()
    shipping = models.PositiveBigIntegerField(default=0, db_default=0)
    """That part of `amount` which is shipping; the rest is the lines'."""
    reason = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_refund_amount_positive")
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(status="asked"), name="orders_refund_to_ask")
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount}"

    @property
    def is_back(self) -> bool:
        """Whether the buyer has the money."""
        return self.status in self.BACK


class RefundLine(models.Model):
    """Pieces of a line that a refund pays back, and how much of it is theirs."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_refund_line_quantity_positive")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"


class PaymentNotice(models.Model):
    """A webhook call of a payment provider, kept before anything is done about it. Once per (method, event id)."""

    method = models.CharField(max_length=20)
    event_id = models.CharField(max_length=200)
    ref = models.CharField(max_length=12, blank=True)
    """Our name of the payment it speaks of, if it names one; there may be no such payment (yet)."""
    type = models.CharField(max_length=80, blank=True)
    body = models.JSONField()
    """Without card data and secrets: the adapter keeps only what it needs."""
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "event_id"], name="orders_notice_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(done_at=None), name="orders_notice_to_do")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.event_id}"


class SandboxPayment(models.Model):
    """A payment at the practice provider (`orders.payments.sandbox`): its own books, not ours."""

    class Choice(models.TextChoices):
        SUCCEED = "succeed", _("결제 성공")
        FAIL = "fail", _("결제 실패")
        CANCEL = "cancel", _("그만두기")
        SLOW = "slow", _("느린 결제")
        TWICE = "twice", _("두 번 돌아오기")
        """Paid; the browser comes back and the webhook tells it three times."""
        SILENT = "silent", _("돌아오지 않기")
        """Paid, but the browser never comes back."""
        LATE = "late", _("시간이 지난 뒤 결제")
        """Paid just after its time was over."""
        WRONG = "wrong", _("다른 금액 결제")

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
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.ref


class SandboxRefund(models.Model):
    """A refund at the practice provider; the same key twice is one refund."""

    payment = models.ForeignKey(SandboxPayment, on_delete=models.CASCADE, related_name="refunds")
    key = models.CharField(max_length=12, unique=True)
    amount = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key
