from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast, Channel
from common.codes import new_code
from common.encryption import EncryptedTextField


class Activity(models.Model):
    """A poll, quiz or draw of a show; a show has one open at a time.

    `version` goes on from the show's activity before: it orders what a room hears of all of them.
    """

    class Kind(models.TextChoices):
        POLL = "poll", _("투표")
        QUIZ = "quiz", _("퀴즈")
        DRAW = "draw", _("추첨")

    class Status(models.TextChoices):
        OPEN = "open", _("진행 중")
        CLOSED = "closed", _("끝남")

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=4, choices=Kind)
    question = models.CharField(max_length=80)
    options = models.JSONField(default=list)
    """Texts, none for a draw."""
    right_option = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of a quiz; its place among the options. Told when it is over."""
    places = models.PositiveSmallIntegerField(default=0)
    """So many win at most: the fastest right answers of a quiz, the drawn tickets of a draw."""
    buyers_only = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    version = models.PositiveIntegerField()
    counts = models.JSONField(default=list)
    """Answers per option, of a draw [tickets]; as the room was told last, final once it is closed."""
    winners = models.JSONField(default=list)
    """[{"name": masked, "ticket": code}], the first first; empty until it is closed."""
    seed = EncryptedTextField(blank=True)
    """Of a draw: 64 hexadecimal digits, nobody's to see before it is closed."""
    commitment = models.CharField(max_length=64, blank=True)
    list_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast"], condition=Q(status="open"), name="activities_one_open"
            )
        ]
        indexes = [
            # for the task that counts and closes
            models.Index(fields=["closes_at"], condition=Q(status="open"), name="activities_open")
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def shares(self) -> list[tuple[str, int, int]]:
        """(option, answers, per cent rounded) of each option, as counted last."""
        whole = self.total or 1
        return [
            (option, count, round(100 * count / whole))
            for option, count in zip(self.options, self.counts, strict=True)
        ]


class Answer(models.Model):
    """What a member chose, or their ticket in a draw. A member has one for each activity."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="answers")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="activity_answers"
    )
    option = models.PositiveSmallIntegerField(null=True, blank=True)
    ticket = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    """Public: stands for the member in lists of winners."""
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "member"], name="activities_answer_once"),
        ]
        indexes = [
            # for counting them, and for the fastest
            models.Index(fields=["activity", "option", "answered_at"], name="activities_answers"),
        ]

    def __str__(self) -> str:
        return self.ticket


class HeartCount(models.Model):
    """The hearts of a show, as kept last; while it is on the air Redis knows the newest."""

    broadcast = models.OneToOneField(
        Broadcast, primary_key=True, on_delete=models.CASCADE, related_name="heart_count"
    )
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.broadcast_id}: {self.count}"


class TickerChoice(models.Model):
    """Whether a channel's rooms hear of orders; without a row they do."""

    channel = models.OneToOneField(
        Channel, primary_key=True, on_delete=models.CASCADE, related_name="ticker_choice"
    )
    is_on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.is_on}"
