"""Asking, seconding, merging, and what the host does with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from broadcasts.actions import end_broadcast
from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from chat.moderation.restricting import ban
from chat.questions import actions, voting
from chat.questions.duplicates import same_text
from chat.questions.models import Question, QuestionLog, QuestionVote, Screen
from chat.questions.refusals import (
    NoMerge,
    NothingToCompare,
    NotOnAir,
    QuestionOver,
    QuestionsClosed,
    TooManyQuestions,
)
from chat.refusals import Banned, EmptyText, TextTooLong
from common.errors import IllegalMove
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db
Status = Question.Status


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


@pytest.fixture
def host(show):
    return show.channel.member


def ask(show, text="세탁기에 돌려도 되나요?", author=None):
    return actions.ask(show.pk, author or make_member(), text=text)


def votes_are_counted(question):
    question.refresh_from_db()
    return question.votes == QuestionVote.objects.filter(question=question).count()


def test_a_question_waits_with_its_authors_vote(show):
    author = make_member()
    question = ask(show, "  세탁기에\n돌려도 되나요?  ", author)
    assert (question.text, question.status, question.votes) == ("세탁기에 돌려도 되나요?", "waiting", 1)
    assert question.product == show.lineup.get().product
    assert QuestionVote.objects.get().member == author
    assert QuestionLog.objects.get().type == "question.asked"


@pytest.mark.parametrize(
    ("text", "refusal"), [("", EmptyText), ("?!… ~", NothingToCompare), ("가" * 201, TextTooLong)]
)
def test_what_is_no_question_is_refused(show, text, refusal):
    with pytest.raises(refusal):
        ask(show, text)
    assert not Question.objects.exists()


def test_the_pinned_product_is_what_it_is_about(show, host):
    pinned = make_product(host)
    assert ask(show).product
    item = show.lineup.create(product=pinned, position=1)
    assert ask(show, "다른 질문").product is None
    Broadcast.objects.filter(pk=show.pk).update(pinned_item=item)
    assert ask(show, "또 다른 질문").product == pinned


@pytest.mark.parametrize("status", ["ended", "cancelled"])
def test_a_show_that_is_over_takes_no_questions(show, status):
    Broadcast.objects.filter(pk=show.pk).update(status=status, ended_at=timezone.now())
    with pytest.raises(QuestionsClosed):
        ask(show)


def test_a_member_has_three_open_questions(show):
    author = make_member()
    first, *_ = [ask(show, f"질문 {number}", author) for number in range(3)]
    with pytest.raises(TooManyQuestions):
        ask(show, "넷째 질문", author)
    actions.answer_question(first, by=show.channel.member)
    assert ask(show, "넷째 질문", author).status == "waiting"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("세탁기에 돌려도 되나요?", "세탁기에돌려도 되나요!!"),
        ("XL 사이즈 있나요", "xl 사이즈 있나요?"),
        ("２개 사도 되나요", "2개 사도 되나요"),
        ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
    ],
)
def test_the_same_question_has_the_same_text(one, other):
    assert same_text(one) == same_text(other)


@pytest.mark.parametrize(("one", "other"), [("2개 사도 되나요", "3개 사도 되나요"), ("크나요", "작나요")])
def test_another_question_has_another(one, other):
    assert same_text(one) != same_text(other)


def test_asking_again_seconds_the_older_one(show):
    first = ask(show, "세탁기에 돌려도 되나요?")
    again = ask(show, "세탁기에 돌려도 되나요")
    assert again == first
    assert votes_are_counted(first)
    assert first.votes == 2
    assert ask(show, "세탁기에 돌려도 되나요", first.author) == first
    assert votes_are_counted(first)


def test_what_was_answered_may_be_asked_anew(show, host):
    first = ask(show)
    actions.answer_question(first, by=host)
    assert ask(show).pk != first.pk


def test_one_seconds_once_and_takes_it_back_once(show):
    question, member = ask(show), make_member()
    assert voting.second(question, member)
    assert not voting.second(question, member)
    assert votes_are_counted(question)
    assert question.votes == 2
    assert voting.unsecond(question, member)
    assert not voting.unsecond(question, member)
    assert votes_are_counted(question)
    assert not voting.unsecond(question, question.author)
    assert votes_are_counted(question)
    assert question.votes == 1


def test_nobody_seconds_what_is_over(show, host):
    question = ask(show)
    actions.dismiss(question, by=host)
    with pytest.raises(QuestionOver):
        voting.second(question, make_member())
    assert votes_are_counted(question)


def test_merging_moves_the_votes_once_a_member(show, host):
    both, one = make_member(), make_member()
    question, target = ask(show, "물세탁 되나요"), ask(show, "세탁기 돼요?")
    for member in (both, one):
        voting.second(question, member)
    voting.second(target, both)
    assert actions.merge(question, target, by=host)
    question.refresh_from_db()
    assert (question.status, question.merged_into) == ("merged", target)
    assert votes_are_counted(target)
    assert target.votes == 4  # two authors, both, one
    assert not actions.merge(question, target, by=host)


def test_who_seconds_a_merged_question_seconds_the_other(show, host):
    question, target = ask(show, "물세탁 되나요"), ask(show, "세탁기 돼요?")
    seen_before = Question.objects.get(pk=question.pk)
    actions.merge(question, target, by=host)
    third = ask(show, "빨아도 돼요?")
    actions.merge(target, third, by=host)
    assert voting.second(seen_before, make_member())
    assert votes_are_counted(third)
    assert third.votes == 4


def test_only_open_questions_of_one_show_are_merged(show, host):
    question, elsewhere = ask(show), ask(make_broadcast(make_member(), status="live"))
    for target in (question, elsewhere):
        with pytest.raises(NoMerge):
            actions.merge(question, target, by=host)
    answered = ask(show, "다른 질문")
    actions.answer_question(answered, by=host)
    with pytest.raises(NoMerge):
        actions.merge(question, answered, by=host)
    actions.show_question(question, by=host)
    with pytest.raises(IllegalMove):
        actions.merge(question, ask(show, "또 다른 질문"), by=host)


def test_one_question_lies_on_the_picture_and_the_next_one_answers_it(show, host):
    first, then = ask(show, "하나"), ask(show, "둘")
    assert actions.show_question(first, by=host)
    assert not actions.show_question(first, by=host)
    screen = Screen.objects.get()
    assert (screen.kind, screen.item, screen.text, screen.version) == ("question", first.code, "하나", 1)
    assert actions.show_question(then, by=host)
    first.refresh_from_db()
    then.refresh_from_db()
    assert (first.status, then.status) == ("answered", "on_screen")
    screen.refresh_from_db()
    assert (screen.item, screen.version) == (then.code, 2)


def test_what_is_answered_leaves_the_picture_and_becomes_a_chapter(show, host):
    question = ask(show)
    actions.show_question(question, by=host)
    assert actions.answer_question(question, by=host)
    assert not actions.answer_question(question, by=host)
    question.refresh_from_db()
    chapter = Chapter.objects.get(source=Chapter.Source.QUESTION)
    assert (chapter.title, chapter.at, chapter.product) == (
        question.text,
        question.shown_at,
        question.product,
    )
    assert question.answered_at - question.shown_at < timedelta(seconds=5)
    assert Screen.objects.get().item == ""


def test_what_was_answered_without_being_shown_is_no_chapter(show, host):
    actions.answer_question(ask(show), by=host)
    assert not Chapter.objects.exists()


def test_a_question_goes_back_and_comes_again(show, host):
    question = ask(show)
    actions.show_question(question, by=host)
    actions.put_back(question, by=host)
    assert Screen.objects.get().item == ""
    actions.dismiss(question, by=host)
    with pytest.raises(IllegalMove):
        actions.answer_question(question, by=host)
    actions.put_back(question, by=host)
    assert actions.show_question(question, by=host)
    actions.take_down(show.pk, by=host)
    question.refresh_from_db()
    assert question.status == "waiting"
    assert [log.type for log in question.log.all()] == [
        "question.asked",
        "question.on_screen",
        "question.waiting",
        "question.dismissed",
        "question.waiting",
        "question.on_screen",
        "question.waiting",
    ]


def test_nothing_is_shown_while_the_show_is_not_on_the_air(show, host):
    question = ask(show)
    Broadcast.objects.filter(pk=show.pk).update(status="starting")
    with pytest.raises(NotOnAir):
        actions.show_question(question, by=host)
    assert not Screen.objects.get().item


def test_what_a_show_did_not_come_to_is_answered_in_writing(show, host):
    question, shown = ask(show, "하나"), ask(show, "둘")
    actions.show_question(shown, by=host)
    actions.answer_question(shown, by=host)
    end_broadcast(show.pk, by=host)
    assert list(Question.objects.unanswered()) == [question]
    actions.write_answer(question, text="네, 돼요.", by=host)
    actions.write_answer(question, text="네, 찬물로 돼요.", by=host)
    question.refresh_from_db()
    assert (question.status, question.answer) == ("answered", "네, 찬물로 돼요.")
    assert not Question.objects.unanswered().exists()
    with pytest.raises(QuestionOver):
        actions.write_answer(shown, text="더 할 말", by=host)


def test_who_may_not_chat_may_not_ask(show, host):
    banned = make_member()
    ban(show, banned, by=host)
    with pytest.raises(Banned):
        ask(show, author=banned)
