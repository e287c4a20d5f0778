from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.codes import new_code
from orders.models.order import Order
from orders.models.payment import Payment, Refund


class BooksNeverChange(Exception):
    """Somebody tried to change or delete a row of the books. What was wrong is put right by a row of its own."""


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Reads the books. Nothing here changes a row, but for the statement that it is put on, once."""

    def of_seller(self, seller_id: int) -> "TransferQuerySet":
        """What moved what we owe a seller."""
        account = Transfer.Account.SELLER
        return self.filter(Q(debit=account) | Q(credit=account), seller=seller_id)

    def on_no_statement(self) -> "TransferQuerySet":
        return self.filter(settlement=None)

    def put_on(self, settlement: "Settlement") -> int:
        """Put rows that are on no statement yet on this one; return how many."""
        return models.QuerySet.update(self.on_no_statement(), settlement=settlement)

    def update(self, **changes: Any) -> NoReturn:
        raise BooksNeverChange

    def delete(self) -> NoReturn:
        raise BooksNeverChange


class Transfer(models.Model):
    """Whole won that moved from one account to another. Rows are only ever added.

    Each row is a whole double entry, debit and credit of one amount, so the books balance by their shape; which
    kinds move between which accounts stands in `orders.ledger.walk.SHAPES`.
    `seller` names whose account it is where an account belongs to a seller.
    """

    class Account(models.TextChoices):
        PROVIDER = "provider", _("결제사 잔액")
        """What payment providers owe us (an asset: debits are money in)."""
        HELD = "held", _("구매자 보호금")
        """Buyers' money until their order is confirmed (a liability)."""
        SELLER = "seller", _("판매자 정산금")
        """What we owe a seller (a liability)."""
        PAID_OUT = "paid_out", _("지급 완료")
        """Our bank account, from which sellers are paid, and buyers whose provider refused a refund."""
        COMMISSION = "commission", _("판매 수수료")
        FEES = "fees", _("결제 수수료")
        COUPONS = "coupons", _("쿠폰 비용")
        ADS = "ads", _("광고 수익")
        LOSSES = "losses", _("손실")
        """What we paid back and could not take from the seller."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("결제")
        PAYMENT_FEE = "payment_fee", _("결제 수수료")
        STRAY = "stray", _("잘못 온 결제")
        REFUND = "refund", _("환불")
        SALE = "sale", _("판매")
        TIP = "tip", _("후원")
        TIP_FEE = "tip_fee", _("후원 수수료")
        COMMISSION = "commission", _("수수료")
        COUPON = "coupon", _("쿠폰")
        AD = "ad", _("광고")
        PAYOUT = "payout", _("정산 지급")
        CORRECTION = "correction", _("조정")

    kind = models.CharField(max_length=12, choices=Kind)
    debit = models.CharField(max_length=10, choices=Account)
    credit = models.CharField(max_length=10, choices=Account)
    amount = models.PositiveBigIntegerField()
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    settlement = models.ForeignKey(
        "Settlement", null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    """The statement that it stands in."""
    once = models.CharField(max_length=60, unique=True)
    """Names the happening ("payment:k3…", "sale:20261121-7K3M-9QXA"): booked twice, it fails."""
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="orders_transfer_between_two"),
            models.CheckConstraint(
                condition=Q(seller__isnull=False) | ~(Q(debit="seller") | Q(credit="seller")),
                name="orders_transfer_names_seller",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "at"], name="orders_transfers_of_seller"),
            models.Index(fields=["at"], name="orders_transfers_by_time"),
        ]

    def __str__(self) -> str:
        return self.once

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        if not self._state.adding:
            raise BooksNeverChange
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 Django's signature
        raise BooksNeverChange

    @property
    def to_seller(self) -> int:
        """Won by which it changed what we owe the seller: above zero in the seller's favour."""
        return self.amount * ((self.credit == self.Account.SELLER) - (self.debit == self.Account.SELLER))


class Settlement(models.Model):
    """What one seller is due for one calendar month (Asia/Seoul), and whether it was paid."""

    class Status(models.TextChoices):
        DUE = "due", _("지급 예정")
        ON_HOLD = "on_hold", _("지급 보류")
        PAID = "paid", _("지급 완료")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="settlements")
    month = models.DateField()
    """Its first day."""
    carried = models.BigIntegerField(default=0)
    """Won brought forward from the month before, when that was below zero."""
    sales = models.BigIntegerField(default=0)
    commission = models.BigIntegerField(default=0)
    coupons = models.BigIntegerField(default=0)
    """Given back to the seller for the platform's share."""
    refunds = models.BigIntegerField(default=0)
    ads = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    status = models.CharField(max_length=8, choices=Status, default=Status.DUE)
    hold_reason = models.CharField(_("보류 사유"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-month", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["seller", "month"], name="orders_settlement_once_a_month"),
            models.CheckConstraint(
                condition=Q(
                    total=F("carried")
                    + F("sales")
                    - F("commission")
                    + F("coupons")
                    - F("refunds")
                    - F("ads")
                    + F("corrections")
                ),
                name="orders_settlement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.month:%Y-%m}"

    @property
    def is_payable(self) -> bool:
        """Whether there is something to pay; what is below zero goes on to the next month."""
        return self.total > 0
