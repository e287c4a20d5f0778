"""Quizzes: nothing gives the answer away before the end; the fastest of the right ones win."""

from datetime import timedelta

import pytest

from broadcasts.models import Moderator
from chat.activities.answering import Answered, NotForKeepers, give_answer
from chat.activities.closing import close_activity, look_after_activities
from chat.activities.events import Winner
from chat.activities.models import Activity, Answer
from chat.activities.tests.makers import make_guests, make_quiz


def test_while_it_is_open_nobody_sees_what_others_chose(show, told):
    quiz = make_quiz(show)
    for member in make_guests(3):
        give_answer(quiz.pk, member, 0)
    look_after_activities()
    opened, counted = told
    assert (opened.counts, opened.right) == ([], None)
    assert (counted.counts, counted.total) == ([], 3)


def test_the_end_tells_the_right_answer_and_the_fastest_who_knew_it(show, told):
    quiz, guests = make_quiz(show, places=2), make_guests(5)
    for member, option in zip(guests, [1, 0, 0, 0, 2], strict=True):
        give_answer(quiz.pk, member, option)
    fastest, second = guests[3], guests[1]
    Answer.objects.filter(member=fastest).update(answered_at=quiz.opened_at + timedelta(milliseconds=1))
    Answer.objects.filter(member=second).update(answered_at=quiz.opened_at + timedelta(milliseconds=2))
    close_activity(quiz.pk, by=None)
    end = told[-1]
    assert (end.right, end.counts, end.total) == (0, [3, 1, 1], 5)
    tickets = [Answer.objects.get(member=member).ticket for member in (fastest, second)]
    assert end.winners == [Winner(name="손**", ticket=ticket) for ticket in tickets]


def test_nobody_knew_it(show, told):
    quiz, [member] = make_quiz(show), make_guests(1)
    give_answer(quiz.pk, member, 2)
    close_activity(quiz.pk, by=None)
    assert told[-1].winners == []


def test_an_answer_stands(show):
    quiz, [member] = make_quiz(show), make_guests(1)
    given = give_answer(quiz.pk, member, 1)
    assert give_answer(quiz.pk, member, 1).pk == given.pk
    with pytest.raises(Answered):
        give_answer(quiz.pk, member, 0)
    assert Answer.objects.get().option == 1


def test_who_may_begin_it_may_not_win_it(show):
    quiz, [moderator] = make_quiz(show), make_guests(1)
    Moderator.objects.create(channel=show.channel, member=moderator)
    for keeper in (show.channel.member, moderator):
        with pytest.raises(NotForKeepers):
            give_answer(quiz.pk, keeper, 0)
    assert not Answer.objects.exists()


def test_versions_of_a_show_only_grow(show, told):
    for _ in range(2):
        quiz = make_quiz(show)
        close_activity(quiz.pk, by=None)
    versions = [event.version for event in told]
    assert versions == sorted(set(versions))
    assert Activity.objects.count() == 2
