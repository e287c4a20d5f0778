from django.db import models
from django.db.models import Q

from broadcasts.models import Broadcast
from catalog.models import Product


class Sample(models.Model):
    """How a show stood at a moment while it was on the air; all but the viewers are counts since its beginning."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    viewers = models.PositiveIntegerField()
    """Distinct, connected right then."""
    messages = models.PositiveIntegerField()
    hearts = models.PositiveBigIntegerField()
    orders = models.PositiveIntegerField()
    """Paid."""

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "at"], name="report_sample_once"),
        ]
        indexes = [
            # for the task that deletes old ones
            models.Index(fields=["at"], name="report_sample_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.at:%H:%M:%S}"


class OpenerCount(models.Model):
    """How many distinct viewers opened a product's sheet while its show was on the air, as kept last."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="opener_counts")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveIntegerField(default=0)
    sketch = models.BinaryField(null=True)
    """Redis's HyperLogLog of who they were (up to 12 kB), until the show is over: Redis may forget it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "product"], name="report_opener_count_once"),
        ]
        indexes = [
            # for the task that forgets the sketches of shows that are over
            models.Index(
                fields=["broadcast"], condition=Q(sketch__isnull=False), name="report_openers_sketched"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.product_id}: {self.count}"
