from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from catalog.models import Product
from common.codes import new_code


class ChapterQuerySet(models.QuerySet["Chapter"]):
    def shown(self) -> "ChapterQuerySet":
        return self.filter(hidden=False)


class Chapter(models.Model):
    """A moment of a show at which its replay can be entered. `broadcasts.replay` finds it in the recording."""

    class Source(models.TextChoices):
        PIN = "pin", _("소개한 상품")
        QUESTION = "question", _("답한 질문")
        SELLER = "seller", _("직접 추가")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="chapters")
    at = models.DateTimeField()
    """On the server's clock."""
    until = models.DateTimeField(null=True, blank=True)
    """When its product was no longer pinned; None while it is, and for all that was not a pin."""
    title = models.CharField(_("제목"), max_length=60)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source = models.CharField(max_length=8, choices=Source, default=Source.SELLER)
    hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChapterQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast"],
                condition=Q(source="pin", until=None),
                name="chapters_one_pin_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.title
