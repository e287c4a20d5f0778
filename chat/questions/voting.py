"""Wanting to know it too. Votes wait for nobody but each other: the question's row counts them."""

import redis
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from chat.questions import tasks
from chat.questions.counting import PAUSE_SECONDS, flag
from chat.questions.models import Question, QuestionVote
from chat.questions.refusals import QuestionOver
from common.redis_client import redis_client


@transaction.atomic
def second(question: Question, member: User) -> bool:
    """Count the member among those who want to know it. False if they were. Raises QuestionOver.

    One that was merged into another meanwhile stands for that one.
    """
    open_one = Question.objects.open().filter(pk=question.pk)
    if not open_one.update(votes=F("votes") + 1):
        target = Question.objects.open().filter(merged=question.pk).first()
        if target is None:
            raise QuestionOver
        return second(target, member)
    try:
        with transaction.atomic():
            QuestionVote.objects.create(question=question, member=member)
    except IntegrityError:
        open_one.update(votes=F("votes") - 1)
        return False
    tell_votes_soon(question.broadcast_id)
    return True


@transaction.atomic
def unsecond(question: Question, member: User) -> bool:
    """Take that back. False if there is nothing to take back; an author goes on wanting to know."""
    open_one = Question.objects.open().filter(pk=question.pk).exclude(author=member)
    if not open_one.update(votes=F("votes") - 1):
        return False
    gone, _ = QuestionVote.objects.filter(question=question, member=member).delete()
    if not gone:
        open_one.update(votes=F("votes") + 1)
        return False
    tell_votes_soon(question.broadcast_id)
    return True


def tell_votes_soon(broadcast_id: int) -> None:
    """Have the room told the counts a second after the running transaction commits."""
    transaction.on_commit(lambda: _ask_for_it(broadcast_id), robust=True)


def _ask_for_it(broadcast_id: int) -> None:
    """Call for the task, unless somebody did who is not served yet. The flag outlives a worker that died."""
    try:
        is_first = redis_client().set(flag(broadcast_id), 1, nx=True, ex=10 * PAUSE_SECONDS)
    except redis.RedisError:
        return  # nobody could hear it either
    if is_first:
        tasks.tell_votes.apply_async([broadcast_id], countdown=PAUSE_SECONDS)
