import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from broadcasts.problems import Problem, standing_problems
from catalog.models import MAX_PRICE, Product
from common.codes import new_code
from common.encryption import EncryptedTextField

PICTURE_IS_LATE = timedelta(seconds=8)
"""By this much at most pages wait for a picture that shows what the host did (static/js/room/on_picture.js)."""


class Channel(models.Model):
    """A member's live channel at the streaming provider. `signal` follows provider events and nothing else."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("준비 중")
        READY = "ready", _("사용 가능")
        CLOSING = "closing", _("닫는 중")
        CLOSED = "closed", _("닫힘")

    class Signal(models.TextChoices):
        OFFLINE = "offline", _("신호 없음")
        RECEIVING = "receiving", _("수신 중")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel")
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    # Whoever calls the provider for this channel holds it until then; a crashed holder's claim runs out.
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    provider_ref = models.CharField(max_length=200, unique=True, null=True, blank=True)
    ingest_url = models.CharField(max_length=300, blank=True)
    stream_key = EncryptedTextField(blank=True)
    playback_url = models.CharField(max_length=500, blank=True)
    picture_url = models.CharField(max_length=500, blank=True)

    signal = models.CharField(max_length=10, choices=Signal, default=Signal.OFFLINE)
    signal_changed_at = models.DateTimeField(null=True, blank=True)
    health = models.JSONField(default=dict, blank=True)
    """{problem code: {"at": ISO moment, "on": bool}}, newest news per code; read it through `problems`."""
    followers = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """How many members follow it; `broadcasts.following` counts."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # for the periodic task that prepares leftovers
            models.Index(
                fields=["created_at"], condition=Q(state="preparing"), name="broadcasts_channel_leftover"
            ),
            # for the periodic task that goes on closing
            models.Index(
                fields=["created_at"], condition=Q(state="closing"), name="broadcasts_channel_closing"
            ),
        ]

    def __str__(self) -> str:
        return self.provider_name

    @property
    def provider_name(self) -> str:
        """The deterministic name at the provider, by which a channel made earlier is found again."""
        return f"member-{self.code}"

    @property
    def masked_key(self) -> str:
        return f"{'•' * 12}{self.stream_key[-4:]}" if self.stream_key else ""

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the signal right now, in plain words, worst first."""
        return standing_problems(self.health)


class Moderator(models.Model):
    """A member who keeps order in all shows of a channel: hides, bans, pins notices; sees no revenue."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="moderators")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="moderated_channels"
    )
    appointed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "member"], name="broadcasts_moderator_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.member_id}"


class StreamSession(models.Model):
    """One publish of an encoder, as far as events told: either end may be missing or arrive first."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sessions")
    stream_id = models.CharField(max_length=80, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # for "is this channel receiving?" and the sweep
            models.Index(fields=["channel"], condition=Q(ended_at=None), name="broadcasts_session_open"),
        ]

    def __str__(self) -> str:
        return self.stream_id


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def on_air(self) -> "BroadcastQuerySet":
        return self.filter(status__in=Broadcast.ON_AIR)

    def replayable(self) -> "BroadcastQuerySet":
        """Ended, with at least one recording that plays."""
        ready = Recording.objects.filter(broadcast=models.OuterRef("pk"), status=Recording.Status.READY)
        return self.filter(models.Exists(ready), status=Broadcast.Status.ENDED)

    def for_cards(self) -> "BroadcastQuerySet":
        """With everything a show card reads, in a fixed number of queries."""
        return self.select_related("channel__member", "pinned_item__product__category").prefetch_related(
            "pinned_item__product__images",
            "pinned_item__product__variants__stock",
            "recordings",
            models.Prefetch("lineup", LineupItem.objects.with_products()),
        )


class Broadcast(models.Model):
    """A show. `broadcasts.moves` changes its status; the table of allowed moves stands there."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("방송 예정")
        STARTING = "starting", _("준비 중")
        LIVE = "live", _("방송 중")
        RECONNECTING = "reconnecting", _("다시 연결 중")
        ENDED = "ended", _("종료")
        CANCELLED = "cancelled", _("취소")

    ON_AIR = (Status.LIVE, Status.RECONNECTING)
    OPEN = (Status.STARTING, *ON_AIR)

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="broadcasts")
    title = models.CharField(_("방송 제목"), max_length=60)
    status = models.CharField(max_length=12, choices=Status, default=Status.SCHEDULED)
    version = models.PositiveIntegerField(default=0)
    """Grows with every change a viewer should see."""
    pinned_item = models.ForeignKey(
        "LineupItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="pinned_in"
    )
    pinned_at = models.DateTimeField(null=True, blank=True)
    """Since when that is pinned, or nothing; None before anything ever was."""
    peak_viewers = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    signal_lost_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(status__in=["starting", "live", "reconnecting"]),
                name="broadcasts_one_open_broadcast",
            )
        ]
        indexes = [
            models.Index(fields=["status", "-started_at"], name="broadcasts_by_status"),  # main page
            models.Index(fields=["channel", "-created_at"], name="broadcasts_of_channel"),  # studio
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def room(self) -> str:
        """The name of its live room."""
        return self.code

    @property
    def is_on_air(self) -> bool:
        return self.status in self.ON_AIR

    @property
    def settled_pin(self) -> "LineupItem | None":
        """What a page that is made now shows as pinned: a fresh pin comes with the picture, which is late."""
        is_fresh = self.pinned_at is not None and timezone.now() - self.pinned_at < PICTURE_IS_LATE
        return None if is_fresh else self.pinned_item

    @property
    def duration(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None

    @property
    def poster_url(self) -> str:
        """A still of the replay, else a product's picture, else "". Reads what `for_cards` prefetches."""
        posters = [recording.poster_url for recording in self.recordings.all() if recording.poster_url]
        pictures = [item.product.image_url for item in self.lineup.all()]
        return next((url for url in [*posters, *pictures] if url), "")


class LineupItemQuerySet(models.QuerySet["LineupItem"]):
    def with_products(self) -> "LineupItemQuerySet":
        return self.select_related("product__category").prefetch_related(
            "product__images", "product__variants__stock"
        )


class LineupItem(models.Model):
    """A product in a show."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="lineup")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lineup_items")
    position = models.PositiveSmallIntegerField(default=0)
    live_price = models.PositiveIntegerField(
        _("방송 특가"),
        null=True,
        blank=True,
        validators=[MinValueValidator(100), MaxValueValidator(MAX_PRICE)],
    )
    """What the product costs while this show is on the air; None: its usual price."""

    objects = LineupItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "product"], name="broadcasts_product_once_a_show")
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id}: {self.product_id}"


class BroadcastLog(models.Model):
    """What happened to a broadcast, written in the transaction that did it."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="log")
    type = models.CharField(max_length=40)
    before = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.type}"


class Recording(models.Model):
    """What the provider recorded of a channel; streams that followed each other closely share one."""

    class Status(models.TextChoices):
        RECORDING = "recording", _("녹화 중")
        READY = "ready", _("재생 가능")
        FAILED = "failed", _("실패")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="recordings")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="recordings"
    )
    session_id = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RECORDING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(default=0)
    stream_ids = models.JSONField(default=list)
    starts_at_ms = models.PositiveBigIntegerField(default=0)
    """Where the show begins inside the recording: the encoder may have run before the seller went live."""
    timeline = models.JSONField(null=True, blank=True)
    """[[ms since 1970, ms into the recording], …] as its playlist says; None while, or where, that is not known."""
    storage_bucket = models.CharField(max_length=100)
    storage_key = models.CharField(max_length=500)
    playback_url = models.CharField(max_length=700, blank=True)
    poster_url = models.CharField(max_length=700, blank=True)

    class Meta:
        ordering = ["started_at"]

    def __str__(self) -> str:
        return self.session_id

    def overlaps(self, start: datetime | None, end: datetime | None) -> bool:
        """Whether any of it was recorded between two moments (no `start`: never; no `end`: until now)."""
        if start is None:
            return False
        return (end is None or self.started_at < end) and (self.ended_at is None or self.ended_at > start)


class LocalChannelQuerySet(models.QuerySet["LocalChannel"]):
    def by_stream_key(self, key: str) -> "LocalChannel | None":
        return self.filter(key_digest=LocalChannel.digest(key)).first()


class LocalChannel(models.Model):
    """A channel at the built-in streaming provider (`broadcasts.streaming.local`): its own books, not ours."""

    ref = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=100, unique=True)
    playback_id = models.CharField(max_length=40, unique=True)
    stream_key = EncryptedTextField()
    key_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LocalChannelQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest(key: str) -> str:
        """Return what a key is looked up by (SHA-256 suffices: keys are long and random)."""
        return hashlib.sha256(key.encode()).hexdigest()
