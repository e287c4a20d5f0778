import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.codes import new_code


class Asset(models.Model):
    """A video or picture somebody gives us: from the file they chose to what browsers show.

    `media_pipeline.moves` changes its status; addresses are derived from the storage keys (`media_pipeline.addresses`).
    """

    class Purpose(models.TextChoices):
        VIDEO = "video", _("영상")
        THUMBNAIL = "thumbnail", _("썸네일")
        PRODUCT = "product", _("상품 사진")
        AVATAR = "avatar", _("프로필 사진")

    class Status(models.TextChoices):
        UPLOADING = "uploading", _("올리는 중")
        CHECKING = "checking", _("확인 중")
        TRANSCODING = "transcoding", _("변환 중")
        READY = "ready", _("준비 완료")
        REFUSED = "refused", _("받을 수 없는 파일")
        FAILED = "failed", _("변환 실패")
        CANCELLED = "cancelled", _("취소")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assets")
    purpose = models.CharField(max_length=10, choices=Purpose)
    name = models.CharField(max_length=200)
    """The file's name on its owner's device: shown to the owner, never part of a key or trusted for a type."""
    status = models.CharField(max_length=12, choices=Status, default=Status.UPLOADING)
    version = models.PositiveIntegerField(default=0)
    """Grows with every change the owner should see."""
    problem = models.CharField(max_length=40, blank=True)
    """Why it was refused or failed: a code of `media_pipeline.refusals`, which has the words."""
    source_key = models.CharField(max_length=200)
    """Where the file as uploaded lies in the uploads storage."""
    check_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often somebody began to look at the file."""

    # What checking found (`media_pipeline.probing`).
    duration_ms = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    source = models.JSONField(default=dict, blank=True)
    """The probe's whole answer (`probing.VideoFacts` as a dict); the ladder is built from it."""

    # The result. Of a video: its master playlist; of a picture: the picture.
    attempt = models.ForeignKey(
        "TranscodeAttempt", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """The newest attempt: events of older ones change nothing any more."""
    storage_bucket = models.CharField(max_length=100, blank=True)
    storage_key = models.CharField(max_length=300, blank=True)
    preview_key = models.CharField(max_length=300, blank=True)
    """Folder of what lists show before anybody presses play: clip, posters, storyboard."""
    playback_url = models.CharField(max_length=700, blank=True)
    clip_url = models.CharField(max_length=700, blank=True)
    poster_url = models.CharField(max_length=700, blank=True)
    poster_number = models.PositiveSmallIntegerField(default=1)
    """Which of the poster candidates stands for the video."""
    poster_count = models.PositiveSmallIntegerField(default=0)
    storyboard_count = models.PositiveSmallIntegerField(default=0)
    storyboard_interval_ms = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            # for the sweeps
            models.Index(
                fields=["changed_at"],
                condition=Q(status__in=["uploading", "checking", "transcoding"]),
                name="media_pipeline_asset_pending",
            ),
            models.Index(fields=["owner", "-created_at"], name="media_pipeline_asset_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.code}"

    @property
    def is_video(self) -> bool:
        return self.purpose == self.Purpose.VIDEO


class Upload(models.Model):
    """How an asset's file travels from the browser to storage. Open while the asset is uploading."""

    asset = models.OneToOneField(Asset, primary_key=True, on_delete=models.CASCADE, related_name="upload")
    size = models.PositiveBigIntegerField()
    """Bytes the browser announced; storage holds exactly that many or the upload is not complete."""
    content_type = models.CharField(max_length=100)
    part_size = models.PositiveBigIntegerField(default=0)
    """Bytes of each part but the last; 0 for a file that goes in one form."""
    provider_ref = models.CharField(max_length=1024, blank=True)
    """The storage's own id of an upload in parts."""
    active_at = models.DateTimeField(auto_now_add=True)
    """Last sign of the browser."""
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"upload of {self.asset_id}"

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size) if self.part_size else 0


class TranscodeAttempt(models.Model):
    """One try to make an asset's renditions. Its id travels in the job's user metadata and back in every event."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("접수 대기")
        SUBMITTED = "submitted", _("접수됨")
        PROGRESSING = "progressing", _("진행 중")
        COMPLETE = "complete", _("완료")
        ERROR = "error", _("오류")
        CANCELED = "canceled", _("취소")

    FINAL = (Status.COMPLETE, Status.ERROR, Status.CANCELED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="attempts")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    job_id = models.CharField(max_length=100, blank=True)
    submit_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often somebody began to hand it to the transcoder."""
    percent = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(auto_now_add=True)
    """When the provider last said anything about it."""

    class Meta:
        indexes = [
            # for the sweep that asks about silent jobs
            models.Index(
                fields=["heard_at"],
                condition=Q(status__in=["waiting", "submitted", "progressing"]),
                name="media_pipeline_attempt_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class LocalTranscodeJob(models.Model):
    """A job at the built-in transcoder (`media_pipeline.transcoding.ffmpeg`): its own books, not ours."""

    class Status(models.TextChoices):
        SUBMITTED = "SUBMITTED"
        PROGRESSING = "PROGRESSING"
        COMPLETE = "COMPLETE"
        ERROR = "ERROR"
        CANCELED = "CANCELED"

    token = models.UUIDField(primary_key=True)
    """The client's request token: asking twice with the same token is one job."""
    request = models.JSONField()
    status = models.CharField(max_length=12, choices=Status, default=Status.SUBMITTED)
    percent = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    runs = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    """Whose run it is now; a worker that died is found by its claim having run out."""
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"local-{self.token}"


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
    due_at = models.DateTimeField(null=True, blank=True)
    """Not to be tried again before; None: at once."""
    received_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="media_pipeline_event_once"),
        ]
        indexes = [
            # for the worker's "what waits?"
            models.Index(
                fields=["received_at"],
                condition=models.Q(status="waiting"),
                name="media_pipeline_event_waiting",
            ),
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"
