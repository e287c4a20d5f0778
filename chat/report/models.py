from django.db import models

from broadcasts.models import Broadcast


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
