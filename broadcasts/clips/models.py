from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast, Recording
from common.codes import new_code
from media_pipeline.stores import media_url


class ClipQuerySet(models.QuerySet["Clip"]):
    def for_pages(self) -> "ClipQuerySet":
        """With all that the page of a clip reads."""
        return self.select_related("broadcast__channel__member", "recording")


class Clip(models.Model):
    """Some seconds of a replay as a film of their own. Positions are milliseconds of the recording."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("만드는 중")
        READY = "ready", _("준비 완료")
        FAILED = "failed", _("만들지 못했어요")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="clips")
    recording = models.ForeignKey(Recording, null=True, on_delete=models.SET_NULL, related_name="clips")
    title = models.CharField(_("제목"), max_length=60)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    """For staff: why it could not be made."""
    asked_from_ms = models.PositiveBigIntegerField()
    asked_to_ms = models.PositiveBigIntegerField()

    # What came of it.
    start_ms = models.PositiveBigIntegerField(default=0)
    """Where it really begins: at the last keyframe before what was asked for, unless it was encoded anew."""
    duration_ms = models.PositiveIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    """Bytes."""
    storage_key = models.CharField(max_length=200, blank=True)
    poster_key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClipQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # for the task that gives up what nobody finished
            models.Index(fields=["created_at"], condition=Q(status="waiting"), name="clips_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_to_ms__gt=F("asked_from_ms")), name="clips_clip_takes_time"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def length(self) -> timedelta:
        return timedelta(milliseconds=self.duration_ms)

    @property
    def early(self) -> float:
        """Seconds by which it begins before what was asked for; 0 where nobody would notice."""
        seconds = round((self.asked_from_ms - self.start_ms) / 1000, 1)
        return seconds if seconds >= 0.5 else 0

    @property
    def url(self) -> str:
        return media_url(self.storage_key) if self.storage_key else ""

    @property
    def poster_url(self) -> str:
        return media_url(self.poster_key) if self.poster_key else ""


class LooseFile(models.Model):
    """A file in the storage that no clip has: one that is being made, or whose clip was deleted.

    Noted before it is stored, and in the transaction that deletes its clip: whatever dies, the sweep finds it.
    """

    key = models.CharField(max_length=200, unique=True)
    delete_after = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
