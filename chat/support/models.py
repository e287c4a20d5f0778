from django.conf import settings
from django.db import models

from broadcasts.models import Broadcast
from common.codes import new_code
from orders.models import Checkout, Payment, Refund, Tip


class SupportQuerySet(models.QuerySet["SupportMessage"]):
    def paid(self) -> "SupportQuerySet":
        """Those whose money came and did not go back."""
        return self.filter(tip__checkout__status=Checkout.Status.PAID, refunded_at=None)

    def with_receipt(self) -> "SupportQuerySet":
        """With all that the giver is told of them; `is_back`: they have the money back."""
        back = Refund.objects.filter(
            payment__checkout=models.OuterRef("pk"),
            payment__status=Payment.Status.CONFIRMED,
            status__in=Refund.BACK,
        )
        rows = self.select_related("tip__checkout", "broadcast__channel__member")
        return rows.annotate(is_back=models.Exists(back))


class SupportMessage(models.Model):
    """What somebody says to the host with a tip. Whether it was paid, its checkout knows."""

    tip = models.OneToOneField(Tip, primary_key=True, on_delete=models.PROTECT, related_name="message")
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="support_messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="support_messages"
    )
    amount = models.PositiveIntegerField()
    """Won."""
    text = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    """When the host first put it on the picture."""
    refunded_at = models.DateTimeField(null=True, blank=True)
    """When staff decided to give the money back."""
    refund_reason = models.CharField(max_length=100, blank=True)

    objects = SupportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["broadcast", "created_at"], name="support_of_broadcast")]

    def __str__(self) -> str:
        return f"{self.code}: {self.amount}"
