"""Many at the same moment, with real row locks."""

import pytest
from django.utils import timezone

from chat.questions import actions, voting
from chat.questions.models import Question, QuestionVote, Screen
from chat.questions.refusals import TooManyQuestions
from tests.concurrency import at_once, make_buyers
from tests.makers import make_broadcast, make_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


def test_everybody_is_counted_once_while_questions_are_merged(show):
    question = actions.ask(show.pk, make_member(), text="물세탁 되나요")
    target = actions.ask(show.pk, make_member(), text="세탁기 돼요?")
    members = make_buyers(15)
    host = show.channel.member
    jobs = [lambda member=member: voting.second(question, member) for member in [*members, *members]]
    at_once(*jobs, lambda: actions.merge(question, target, by=host))
    target.refresh_from_db()
    assert target.votes == QuestionVote.objects.filter(question=target).count() == 17
    assert not QuestionVote.objects.filter(question=question).exists()


def test_nobody_gets_past_the_limit_of_open_questions(show):
    author = make_member()
    jobs = [lambda n=number: actions.ask(show.pk, author, text=f"질문 {n}") for number in range(8)]
    results = at_once(*jobs)
    assert sum(isinstance(result, TooManyQuestions) for result in results) == 5
    assert Question.objects.count() == 3


def test_the_same_question_asked_at_once_is_one(show):
    members = make_buyers(10)
    at_once(*[lambda member=member: actions.ask(show.pk, member, text="얼마예요?") for member in members])
    assert Question.objects.get().votes == 10


def test_one_thing_lies_on_the_picture_whoever_is_faster(show):
    questions = [actions.ask(show.pk, member, text=f"질문 {member.pk}") for member in make_buyers(6)]
    host = show.channel.member
    results = at_once(*[lambda q=question: actions.show_question(q, by=host) for question in questions])
    assert results == [True] * 6
    shown = Question.objects.get(status="on_screen")
    assert Screen.objects.get().item == shown.code
    assert Question.objects.filter(status="answered").count() == 5
