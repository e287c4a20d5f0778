from django.db import models
from django.db.models import Q
from django.utils import timezone

from broadcasts.models import Broadcast
from common.codes import new_code
from common.encryption import EncryptedTextField


class RehearsalQuerySet(models.QuerySet["Rehearsal"]):
    def open(self) -> "RehearsalQuerySet":
        return self.filter(
            closed_at=None, expires_at__gt=timezone.now(), broadcast__status=Broadcast.Status.SCHEDULED
        )


class Rehearsal(models.Model):
    """Leave to see a show's picture before its start. It ends by itself: with the start, or when its time is over."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="rehearsals")
    pass_code = EncryptedTextField()
    """Six digits, readable again for the seller, who hands them out."""
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast"], condition=Q(closed_at=None), name="rehearsal_one_open_of_a_show"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        """Whether its guests may watch now. Reads the broadcast."""
        return (
            self.closed_at is None
            and self.expires_at > timezone.now()
            and self.broadcast.status == Broadcast.Status.SCHEDULED
        )
