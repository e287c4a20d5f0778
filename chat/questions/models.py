from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Broadcast
from catalog.models import Product
from common.codes import new_code


class Screen(models.Model):
    """What lies on the picture of a show right now, at most one thing; made when first needed.

    Its row lock also puts the questions of the show in order: asking, merging and showing wait for each other,
    seconding does not. What is shown is copied here, so that a room's state needs no further table.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", _("질문")
        SUPPORT = "support", _("후원")

    broadcast = models.OneToOneField(
        Broadcast, primary_key=True, on_delete=models.CASCADE, related_name="screen"
    )
    version = models.PositiveIntegerField(default=0)
    """Grows with each change."""
    votes_version = models.PositiveIntegerField(default=0)
    """Grows each time the room is told how many second its questions."""
    kind = models.CharField(max_length=8, choices=Kind, blank=True)
    item = models.CharField(max_length=12, blank=True)
    """The code of the question or support message; "" while nothing is shown."""
    text = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=40, blank=True)
    amount = models.PositiveIntegerField(null=True, blank=True)
    """Won, of a support message."""
    since = models.DateTimeField(null=True, blank=True)
    """Since when it shows this, or nothing."""

    class Meta:
        indexes = [
            # for the task that clears what a show left behind
            models.Index(fields=["broadcast"], condition=~Q(item=""), name="questions_screen_shows"),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id}: {self.item or '–'}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def open(self) -> "QuestionQuerySet":
        """Those the show may still come to."""
        return self.filter(status__in=Question.OPEN)

    def most_wanted(self) -> "QuestionQuerySet":
        """What is on the picture, then what most people want to know, the oldest first."""
        on_screen = models.Case(
            models.When(status=Question.Status.ON_SCREEN, then=0),
            default=1,
            output_field=models.IntegerField(),
        )
        return self.order_by(on_screen, "-votes", "pk")

    def unanswered(self) -> "QuestionQuerySet":
        """What a show ended without coming to."""
        return self.filter(status=Question.Status.WAITING, broadcast__status=Broadcast.Status.ENDED)

    def of_product(self, product_code: str) -> "QuestionQuerySet":
        """What the page of a product shows: answered in writing, or left over by a show."""
        left_over = Q(status=Question.Status.WAITING, broadcast__status=Broadcast.Status.ENDED)
        return self.filter(left_over | ~Q(answer=""), product__code=product_code)


class Question(models.Model):
    """What a viewer asks, apart from the chat. `chat.questions.moves` changes its status."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("기다리는 중")
        ON_SCREEN = "on_screen", _("화면에 나가는 중")
        ANSWERED = "answered", _("답변 완료")
        MERGED = "merged", _("합쳐짐")
        DISMISSED = "dismissed", _("내려감")

    OPEN = (Status.WAITING, Status.ON_SCREEN)

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="questions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions")
    text = models.CharField(max_length=200)
    same_text = models.CharField(max_length=200)
    """The text as `chat.questions.duplicates` compares it."""
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )
    """What it is about: what was being shown when it was asked, as far as one can tell."""
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    version = models.PositiveIntegerField(default=1)
    """Grows with each change of its status."""
    votes = models.PositiveIntegerField(default=0)
    """How many want to know it, its author included: one QuestionVote each."""
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=1000, blank=True)
    """The seller's answer in writing, given after the show."""

    objects = QuestionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["broadcast", "status", "-votes"], name="questions_of_broadcast"),
            models.Index(fields=["product", "-asked_at"], name="questions_of_product"),
        ]

    def __str__(self) -> str:
        return self.text


class QuestionVote(models.Model):
    """A member wants to know it too."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="seconds")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "member"], name="questions_vote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.member_id}"


class QuestionLog(models.Model):
    """What happened to a question, written in the transaction that did it."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="log")
    type = models.CharField(max_length=40)
    before = models.CharField(max_length=9, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.question_id} {self.type}"
