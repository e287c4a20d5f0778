"""Every write to questions. The locked screen of a show keeps its questions in order."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from broadcasts.chapters.actions import TooManyChapters, add_chapter
from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from catalog.models import Product
from chat.moderation import rules
from chat.questions.duplicates import same_text
from chat.questions.events import QuestionChanged
from chat.questions.models import Question, QuestionLog, QuestionVote, Screen
from chat.questions.moves import Status, lock_question, move_question
from chat.questions.refusals import (
    NoMerge,
    NothingToCompare,
    NotOnAir,
    QuestionOver,
    QuestionsClosed,
    TooManyQuestions,
)
from chat.questions.screen import clear_screen, lock_screen, put_on_screen
from chat.questions.voting import second, tell_votes_soon
from chat.text import clean_text
from common.events import send_on_commit

MOST_OPEN = 3
"""Questions of one member that a show has not come to yet."""

CLOSED = (Broadcast.Status.ENDED, Broadcast.Status.CANCELLED)


def ask(broadcast_id: int, author: User, *, text: str) -> Question:
    """Ask something; who asks what somebody asked already seconds that question, which is returned.

    Raises EmptyText, TextTooLong, NothingToCompare, QuestionsClosed, TooManyQuestions, and what
    `chat.moderation.rules.check` raises: who may not chat, or not in these words, may not ask either.
    """
    text = clean_text(text)
    same = same_text(text)
    if not same:
        raise NothingToCompare
    rules.check(
        rules.rules_of(Broadcast.objects.select_related("channel").get(pk=broadcast_id)), author, text
    )
    with transaction.atomic():
        screen = lock_screen(broadcast_id)
        show = screen.broadcast
        if show.status in CLOSED:
            raise QuestionsClosed
        known = Question.objects.open().filter(broadcast=show, same_text=same).first()
        if known is None:
            return _ask(show, author, text=text, same=same)
        second(known, author)
        return known


def _ask(show: Broadcast, author: User, *, text: str, same: str) -> Question:
    if Question.objects.open().filter(broadcast=show, author=author).count() >= MOST_OPEN:
        raise TooManyQuestions(MOST_OPEN)
    question = Question.objects.create(
        broadcast=show, author=author, text=text, same_text=same, product=_talked_about(show), votes=1
    )
    QuestionVote.objects.create(question=question, member=author)
    QuestionLog.objects.create(question=question, type="question.asked", by=author)
    send_on_commit(show.room, QuestionChanged.of(question))
    return question


def _talked_about(show: Broadcast) -> Product | None:
    """Return the product that is pinned, or the only one there is."""
    if show.pinned_item_id:
        return show.lineup.select_related("product").get(pk=show.pinned_item_id).product
    items = list(show.lineup.select_related("product")[:2])
    return items[0].product if len(items) == 1 else None


@transaction.atomic
def show_question(question: Question, *, by: User) -> bool:
    """Put a question on the picture; the one that was there counts as answered. False if it is there already.

    Raises NotOnAir, IllegalMove.
    """
    screen = lock_screen(question.broadcast_id)
    if not screen.broadcast.is_on_air:
        raise NotOnAir
    if question.code == screen.item:
        return False
    finish_shown(screen, by=by)
    if not move_question(question.pk, Status.ON_SCREEN, by=by):
        return False
    put_on_screen(
        screen,
        kind=Screen.Kind.QUESTION,
        item=question.code,
        text=question.text,
        name=question.author.nickname,
    )
    return True


def finish_shown(screen: Screen, *, by: User | None, at: datetime | None = None) -> None:
    """Count the question on the picture, if it is one, as answered (`at`: now): something else comes, or the end."""
    if screen.kind == Screen.Kind.QUESTION:
        _answered(Question.objects.get(code=screen.item), by=by, at=at)


@transaction.atomic
def answer_question(question: Question, *, by: User) -> bool:
    """The host answered it on the air: it leaves the picture and becomes a chapter. False if it did already.

    Raises IllegalMove.
    """
    screen = lock_screen(question.broadcast_id)
    if not _answered(question, by=by):
        return False
    if question.code == screen.item:
        clear_screen(screen)
    return True


def _answered(question: Question, *, by: User | None, at: datetime | None = None) -> bool:
    if not move_question(question.pk, Status.ANSWERED, by=by, at=at):
        return False
    question.refresh_from_db()
    if question.shown_at is None:
        return True
    try:
        add_chapter(
            question.broadcast,
            at=question.shown_at,
            title=question.text,
            product=question.product,
            source=Chapter.Source.QUESTION,
        )
    except TooManyChapters:
        return True  # answered all the same
    return True


@transaction.atomic
def put_back(question: Question, *, by: User) -> bool:
    """Take a question off the picture, or back from the dismissed, unanswered. Raises IllegalMove."""
    return _leave(question, Status.WAITING, by=by)


@transaction.atomic
def dismiss(question: Question, *, by: User) -> bool:
    """Take a question off the list. Raises IllegalMove."""
    return _leave(question, Status.DISMISSED, by=by)


@transaction.atomic
def take_down(broadcast_id: int, *, by: User) -> None:
    """Take off the picture whatever lies on it. A question goes on waiting."""
    screen = lock_screen(broadcast_id)
    if screen.kind == Screen.Kind.QUESTION:
        move_question(Question.objects.get(code=screen.item).pk, Status.WAITING, by=by)
    clear_screen(screen)


def _leave(question: Question, to: str, *, by: User) -> bool:
    screen = lock_screen(question.broadcast_id)
    if not move_question(question.pk, to, by=by):
        return False
    if question.code == screen.item:
        clear_screen(screen)
    return True


@transaction.atomic
def merge(question: Question, into: Question, *, by: User) -> bool:
    """Let a waiting question be part of another one of the show: who seconded it seconds that one.

    False if it is already. Raises NoMerge, IllegalMove.
    """
    lock_screen(question.broadcast_id)
    rows = {pk: lock_question(pk) for pk in sorted({question.pk, into.pk})}
    target = rows[into.pk]
    if (
        question.pk == into.pk
        or question.broadcast_id != into.broadcast_id
        or target.status not in Question.OPEN
    ):
        raise NoMerge
    if not move_question(question.pk, Status.MERGED, by=by):
        return False
    Question.objects.filter(pk=question.pk).update(merged_into=target)
    Question.objects.filter(merged_into=question.pk).update(merged_into=target)
    there = QuestionVote.objects.filter(question=target).values("member")
    moved = QuestionVote.objects.filter(question=question).exclude(
        member__in=list(there.values_list("member", flat=True))
    )
    came = moved.update(question=target)
    Question.objects.filter(pk=target.pk).update(votes=F("votes") + came)
    tell_votes_soon(question.broadcast_id)
    return True


@transaction.atomic
def write_answer(question: Question, *, text: str, by: User) -> None:
    """Answer in writing what the show did not come to, or better what was written. Raises QuestionOver."""
    locked = lock_question(question.pk)
    if locked.status == Status.WAITING:
        move_question(locked.pk, Status.ANSWERED, by=by)
    elif locked.status != Status.ANSWERED or not locked.answer:
        raise QuestionOver
    Question.objects.filter(pk=locked.pk).update(answer=text)
