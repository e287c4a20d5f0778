import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from catalog.models import Product
from common.codes import new_code
from common.encryption import EncryptedTextField
from media_pipeline.models import Asset

COMMENT_MAX_LENGTH = 500
LATE_FOR = timedelta(hours=2)
"""How long after its time a trailer that was not started still stands among the coming ones."""


class TrailerQuerySet(models.QuerySet["Trailer"]):
    def viewable(self) -> "TrailerQuerySet":
        """Whose page anybody may open: also a cancelled one, which says so."""
        return self.exclude(video__playback_url="")

    def public(self) -> "TrailerQuerySet":
        """What lists may show and whose video anybody may play; soonest first."""
        return self.viewable().filter(status__in=Trailer.PUBLIC).order_by("starts_at", "pk")

    def coming(self, now: datetime) -> "TrailerQuerySet":
        """Public ones that are still to be, or on air right now."""
        waiting = Q(status=Trailer.Status.SCHEDULED, starts_at__gt=now - LATE_FOR)
        ahead = Q(broadcast__status=Broadcast.Status.SCHEDULED, starts_at__gt=now - LATE_FOR)
        return self.public().filter(waiting | ahead | Q(broadcast__status__in=Broadcast.OPEN))

    def for_cards(self) -> "TrailerQuerySet":
        """With everything a card or a page about it reads, in a fixed number of queries."""
        return self.select_related(
            "seller", "product__category", "video", "thumbnail", "broadcast"
        ).prefetch_related("product__images", "product__variants__stock")


class Trailer(models.Model):
    """The announcement of a show: a video, a product and a time. `trailers.moves` changes its status."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("방송 예정")
        CANCELLED = "cancelled", _("취소")
        STARTED = "started", _("방송으로 이어짐")

    PUBLIC = (Status.SCHEDULED, Status.STARTED)

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trailers")
    product = models.ForeignKey(
        Product, verbose_name=_("상품"), on_delete=models.PROTECT, related_name="trailers"
    )
    title = models.CharField(_("제목"), max_length=60)
    starts_at = models.DateTimeField(_("시작 시각"))
    # A video announces one show: the same video again is the same form, sent twice.
    video = models.OneToOneField(
        Asset, verbose_name=_("영상"), on_delete=models.PROTECT, related_name="trailer"
    )
    thumbnail = models.ForeignKey(
        Asset,
        verbose_name=_("썸네일"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="thumbnail_of",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.SCHEDULED)
    broadcast = models.OneToOneField(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="trailer"
    )
    schedule_version = models.PositiveIntegerField(default=0)
    """Grows with every change of `starts_at` and with the cancellation: what calendars call SEQUENCE."""
    scheduled_at = models.DateTimeField(default=timezone.now)
    """When `starts_at` was last set."""
    created_at = models.DateTimeField(auto_now_add=True)

    is_reminded = False
    """Whether the reader of a list is to be reminded of it; `trailers.reminders.note_reminders` sets it."""

    objects = TrailerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "starts_at"], name="trailers_by_start"),  # lists, reminders
            models.Index(fields=["seller", "-created_at"], name="trailers_of_seller"),  # studio
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def picture_url(self) -> str:
        """What stands for it: its thumbnail, else a still of the video; "" while there is neither."""
        return (self.thumbnail.poster_url if self.thumbnail else "") or self.video.poster_url

    @property
    def is_on_air(self) -> bool:
        return self.broadcast is not None and self.broadcast.is_on_air

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes: cancelled, or its show was or has ended."""
        return self.status == self.Status.CANCELLED or (
            self.broadcast is not None
            and self.broadcast.status in (Broadcast.Status.ENDED, Broadcast.Status.CANCELLED)
        )

    @property
    def is_changeable(self) -> bool:
        """Whether its seller may edit, cancel or start it; later its show's control room is the place."""
        return self.status == self.Status.SCHEDULED


class TrailerLog(models.Model):
    """What happened to a trailer, written in the transaction that did it."""

    trailer = models.ForeignKey(Trailer, on_delete=models.CASCADE, related_name="log")
    type = models.CharField(max_length=40)
    details = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.trailer_id} {self.type}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown(self) -> "CommentQuerySet":
        """What pages show, newest first."""
        return self.filter(deleted_at=None).select_related("author").order_by("-created_at", "-pk")


class Comment(models.Model):
    """What a member says about a trailer. Deleting takes it off the page; staff still see it and who did it."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    trailer = models.ForeignKey(Trailer, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments"
    )
    text = models.TextField(_("댓글"), max_length=COMMENT_MAX_LENGTH)
    key = models.UUIDField()
    """Made with the form, so that sending it twice is one comment."""
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deletion_reason = models.CharField(max_length=200, blank=True)

    is_own = False
    """Whether the reader of the page wrote it; pages set this and the next one for whoever asks."""
    is_deletable = False

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="trailers_comment_once")]
        indexes = [
            # for the page of a trailer
            models.Index(
                fields=["trailer", "-created_at"], condition=Q(deleted_at=None), name="trailers_comment_shown"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:30]}"


def new_token() -> str:
    """Return what nobody can guess and a link can carry (192 bits)."""
    return secrets.token_urlsafe(24)


class Reminder(models.Model):
    """A member's wish to be told about a trailer's time, until stopped."""

    trailer = models.ForeignKey(Trailer, on_delete=models.CASCADE, related_name="reminders")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    """Whoever has it may stop this reminder, signed in or not: it stands in every mail."""
    asked_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trailer", "member"], name="trailers_reminder_once_a_member")
        ]

    def __str__(self) -> str:
        return f"{self.trailer_id} for {self.member_id}"


class ReminderDelivery(models.Model):
    """One message to one member over one channel. Its unique key is why nobody is told the same thing twice."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("메일")
        PUSH = "push", _("푸시")

    class Occasion(models.TextChoices):
        SOON = "30m", _("30분 전")
        IMMINENT = "5m", _("5분 전")
        RESCHEDULED = "rescheduled", _("시각 변경")
        CANCELLED = "cancelled", _("취소")

    class Status(models.TextChoices):
        PENDING = "pending", _("대기")
        SENDING = "sending", _("보내는 중")
        SENT = "sent", _("보냄")
        FAILED = "failed", _("실패")
        SKIPPED = "skipped", _("보내지 않음")
        UNKNOWN = "unknown", _("알 수 없음")

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=4, choices=Channel)
    occasion = models.CharField(max_length=12, choices=Occasion)
    schedule_version = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    """Not tried before then: when the occasion came, later after a failure."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "reminder deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["reminder", "channel", "occasion", "schedule_version"],
                name="trailers_delivery_once",
            )
        ]
        indexes = [
            # for the sender, and for those whose sender died
            models.Index(
                fields=["status", "due_at"],
                condition=Q(status__in=["pending", "sending"]),
                name="trailers_delivery_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} {self.channel} {self.occasion} v{self.schedule_version}"


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def by_endpoint(self, endpoint: str) -> "PushSubscriptionQuerySet":
        return self.filter(endpoint_digest=PushSubscription.digest(endpoint))


class PushSubscription(models.Model):
    """A browser that a member lets us send notices to (RFC 8030). Who knows its endpoint can reach the browser."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = EncryptedTextField()
    endpoint_digest = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)
    """When a page of the member's last told us of it."""
    failed_at = models.DateTimeField(null=True, blank=True)
    """When its service last said no."""

    objects = PushSubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"browser {self.pk} of {self.member_id}"

    @staticmethod
    def digest(endpoint: str) -> str:
        """Return what an endpoint is looked up by (SHA-256 suffices: endpoints are long and random)."""
        return hashlib.sha256(endpoint.encode()).hexdigest()
