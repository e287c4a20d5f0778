"""What keeps order in a channel's rooms. `version` grows with every change, and orders the news of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast, Channel
from chat.models import Message

WORD_MAX_LENGTH = 40
REPLY_MAX_LENGTH = 200
NOTICE_MAX_LENGTH = 200


class ChannelRules(models.Model):
    """What holds in all rooms of a channel; `version` also grows when words or restrictions change."""

    class Links(models.TextChoices):
        NOBODY = "nobody", _("판매자만")
        KEEPERS = "keepers", _("판매자와 매니저만")
        ALL = "all", _("누구나")

    channel = models.OneToOneField(
        Channel, primary_key=True, on_delete=models.CASCADE, related_name="chat_rules"
    )
    links = models.CharField(_("링크"), max_length=10, choices=Links, default=Links.KEEPERS)
    new_account_minutes = models.PositiveSmallIntegerField(_("가입 뒤 채팅까지(분)"), default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "channel rules"

    def __str__(self) -> str:
        return str(self.channel_id)


class RoomRules(models.Model):
    """What holds in one room."""

    broadcast = models.OneToOneField(
        Broadcast, primary_key=True, on_delete=models.CASCADE, related_name="room_rules"
    )
    slow_seconds = models.PositiveSmallIntegerField(default=0)
    """A member waits so long between two messages; 0: no longer than the site's limit makes them."""
    frozen = models.BooleanField(default=False)
    """Whether only the seller and moderators may write."""
    notice = models.CharField(max_length=NOTICE_MAX_LENGTH, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "room rules"

    def __str__(self) -> str:
        return str(self.broadcast_id)


class BlockedWord(models.Model):
    """A word that no message of the channel may hold, or one that may be said although it holds such a word."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="blocked_words")
    text = models.CharField(max_length=WORD_MAX_LENGTH)
    is_allowed = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_allowed", "text"]
        constraints = [models.UniqueConstraint(fields=["channel", "text"], name="moderation_word_once")]

    def __str__(self) -> str:
        return self.text


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def standing(self, at: datetime | None = None) -> "RestrictionQuerySet":
        """Neither lifted nor run out."""
        return self.filter(Q(until=None) | Q(until__gt=at or timezone.now()), lifted_at=None)


class Restriction(models.Model):
    """A member who may not write in the rooms of a channel, until a moment or (banned) for good."""

    class Kind(models.TextChoices):
        TIMEOUT = "timeout", _("채팅 정지")
        BAN = "ban", _("차단")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="restrictions")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_restrictions"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "member"],
                condition=Q(lifted_at=None),
                name="moderation_restriction_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(kind="ban", until=None) | Q(kind="timeout", until__isnull=False),
                name="moderation_restriction_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.member_id} {self.kind}"


class Report(models.Model):
    """A viewer says that a message breaks the rules."""

    class Reason(models.TextChoices):
        ABUSE = "abuse", _("욕설·비방")
        SPAM = "spam", _("광고·도배")
        FRAUD = "fraud", _("사기·사칭")
        OTHER = "other", _("그 밖의 이유")

    class Outcome(models.TextChoices):
        HIDDEN = "hidden", _("숨김")
        KEPT = "kept", _("문제 없음")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.OTHER)
    created_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["reporter", "message"], name="moderation_report_once")]
        indexes = [
            # for the queue of those nobody has decided yet
            models.Index(fields=["message"], condition=Q(outcome=""), name="moderation_report_open"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.reason}"


class CannedReply(models.Model):
    """What the channel answers often, ready to be put into the composer."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="canned_replies")
    text = models.CharField(max_length=REPLY_MAX_LENGTH)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "canned replies"
        constraints = [models.UniqueConstraint(fields=["channel", "text"], name="moderation_reply_once")]

    def __str__(self) -> str:
        return self.text


class ModerationLog(models.Model):
    """Who did what, written in the transaction that did it and never changed."""

    class Act(models.TextChoices):
        HIDE = "hide", _("메시지 숨김")
        SHOW = "show", _("메시지 다시 보이기")
        HIDE_ALL = "hide_all", _("회원의 메시지 모두 숨김")
        TIMEOUT = "timeout", _("채팅 정지")
        BAN = "ban", _("차단")
        LIFT = "lift", _("제한 풀기")
        SLOW = "slow", _("슬로 모드")
        FREEZE = "freeze", _("채팅 얼리기")
        THAW = "thaw", _("채팅 다시 열기")
        PIN = "pin", _("공지 고정")
        UNPIN = "unpin", _("공지 내리기")
        BLOCK_WORD = "block_word", _("금칙어 추가")
        ALLOW_WORD = "allow_word", _("허용어 추가")
        DROP_WORD = "drop_word", _("단어 빼기")
        LINKS = "links", _("링크 규칙")
        NEW_ACCOUNTS = "new_accounts", _("새 회원 규칙")
        APPOINT = "appoint", _("매니저 임명")
        DISMISS = "dismiss", _("매니저 해임")
        KEEP = "keep", _("신고 넘김")
        ADD_REPLY = "add_reply", _("준비한 답 추가")
        DROP_REPLY = "drop_reply", _("준비한 답 빼기")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="moderation_log")
    broadcast = models.ForeignKey(
        Broadcast, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.CharField(max_length=12, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Whom it was done to, if to anybody."""
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "moderation log"
        indexes = [models.Index(fields=["channel", "-id"], name="moderation_log_of_channel")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.act}"
