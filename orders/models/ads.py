from datetime import datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from common.codes import new_code


class AdQuerySet(models.QuerySet["Ad"]):
    def running(self, at: datetime) -> "AdQuerySet":
        """What may be shown and clicked at a moment: in its time, not stopped, with budget for one more click.

        It looks at no other table, so that an UPDATE of what it finds looks again at a row it had to wait for.
        """
        return self.filter(
            starts_at__lte=at,
            ends_at__gt=at,
            stopped_at=None,
            budget__gte=F("spent") + F("click_price"),
        )

    def not_over(self, at: datetime) -> "AdQuerySet":
        """What may still cost its seller something."""
        return self.filter(ends_at__gt=at, stopped_at=None)


class Ad(models.Model):
    """A product that its seller pays to have among the first, marked as an advertisement.

    A click costs `click_price`, once a viewer and day; it runs until the budget, the time or the seller ends it.
    """

    class Place(models.TextChoices):
        MAIN = "main", _("첫 화면")
        CATEGORY = "category", _("카테고리")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ads")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="ads")
    place = models.CharField(_("광고 위치"), max_length=8, choices=Place)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="ads"
    )
    click_price = models.PositiveIntegerField(_("클릭당 금액"), validators=[MinValueValidator(10)])
    budget = models.PositiveIntegerField(_("예산"), validators=[MinValueValidator(1000)])
    spent = models.PositiveIntegerField(default=0, editable=False)
    """Won of counted clicks. Only `orders.ads` changes it."""
    starts_at = models.DateTimeField(_("시작"))
    ends_at = models.DateTimeField(_("끝"))
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AdQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(spent__lte=F("budget")), name="orders_ad_never_over_budget"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="orders_ad_takes_time"),
        ]
        indexes = [models.Index(fields=["place", "category", "ends_at"], name="orders_ads_to_show")]

    def __str__(self) -> str:
        return self.code

    @property
    def left(self) -> int:
        """Won of the budget that clicks may still cost."""
        return self.budget - self.spent

    @property
    def state(self) -> str:
        """A word for the page: "stopped", "over", "used_up", "waiting" or "running"."""
        now = timezone.now()
        if self.stopped_at:
            return "stopped"
        if self.ends_at <= now:
            return "over"
        if self.left < self.click_price:
            return "used_up"
        return "waiting" if now < self.starts_at else "running"


class AdDay(models.Model):
    """What an advertisement did on one day (Asia/Seoul). It stays: the books have what it cost."""

    ad = models.ForeignKey(Ad, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    cost = models.PositiveIntegerField(default=0)
    """Won."""
    booked = models.PositiveIntegerField(default=0)
    """Won of `cost` that the ledger has."""

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["ad", "day"], name="orders_ad_day_once")]

    def __str__(self) -> str:
        return f"{self.ad_id} {self.day}"
