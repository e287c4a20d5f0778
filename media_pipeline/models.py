from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderEvent(models.Model):
    """An envelope a provider sent, kept once whatever happens to it. The inbox of the event door."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("처리 대기")
        APPLIED = "applied", _("처리됨")
        UNKNOWN = "unknown", _("모르는 종류")
        MALFORMED = "malformed", _("형식 오류")
        FAILED = "failed", _("처리 실패")

    source = models.CharField(max_length=60)
    event_id = models.CharField(max_length=80)
    type = models.CharField(max_length=80, blank=True)
    envelope = models.JSONField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="media_pipeline_event_once"),
        ]
        indexes = [
            # for the sweep that applies what the broker lost
            models.Index(
                fields=["received_at"],
                condition=models.Q(status="waiting"),
                name="media_pipeline_event_waiting",
            ),
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"
