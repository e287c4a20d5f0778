"""The one way a question changes its status."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.questions.events import QuestionChanged
from chat.questions.models import Question, QuestionLog
from common.errors import IllegalMove
from common.events import send_on_commit

Status = Question.Status

MOVES: dict[str, set[str]] = {
    Status.WAITING: {Status.ON_SCREEN, Status.ANSWERED, Status.MERGED, Status.DISMISSED},
    Status.ON_SCREEN: {Status.ANSWERED, Status.WAITING, Status.DISMISSED},
    Status.ANSWERED: set(),
    Status.MERGED: set(),
    Status.DISMISSED: {Status.WAITING},
}


def lock_question(question_id: int) -> Question:
    """Return the row with its author and show, held until the transaction ends."""
    Question.objects.select_for_update().get(pk=question_id)
    return Question.objects.select_related("author", "broadcast").get(pk=question_id)


@transaction.atomic
def move_question(question_id: int, to: str, *, by: User | None, at: datetime | None = None) -> bool:
    """Make one allowed move, as of `at` (now), and tell the room.

    False if it was made already; IllegalMove if it may not be. Call it with the show's screen locked.
    """
    question = lock_question(question_id)
    if question.status == to:
        return False
    if to not in MOVES[question.status]:
        raise IllegalMove(question.status, to)
    QuestionLog.objects.create(question=question, type=f"question.{to}", before=question.status, by=by)
    question.status = to
    question.version += 1
    if to == Status.ON_SCREEN:
        question.shown_at = at or timezone.now()
    elif to == Status.ANSWERED:
        question.answered_at = at or timezone.now()
    question.save(update_fields=["status", "version", "shown_at", "answered_at"])
    send_on_commit(question.broadcast.room, QuestionChanged.of(question))
    return True
