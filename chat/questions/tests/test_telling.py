"""What a room hears, over real sockets."""

import pytest
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.questions import actions, counting, tasks, voting
from tests.makers import make_member


@pytest.fixture
def calls(monkeypatch):
    """How often the task that tells the votes was called for."""
    made = []
    monkeypatch.setattr(
        tasks.tell_votes, "apply_async", lambda args, countdown: made.append((args, countdown))
    )
    return made


def test_the_room_hears_of_questions_and_of_the_picture(visit, broadcast, seller):
    tab = visit().open(broadcast.code)
    assert tab.state["on_screen"] is None
    question = actions.ask(broadcast.pk, make_member(nickname="궁금이"), text="얼마예요?")
    told = tab.next("chat.question")
    assert (told["question"], told["status"], told["votes"], told["name"]) == (
        question.code,
        "waiting",
        1,
        "궁금이",
    )
    before = timezone.now()
    actions.show_question(question, by=seller)
    changed = tab.next("screen.changed")
    assert before.isoformat() <= changed["at"] <= timezone.now().isoformat()
    assert changed["item"]["text"] == "얼마예요?"
    late = visit().open(broadcast.code)
    assert changed.items() >= late.state["on_screen"].items()
    actions.answer_question(question, by=seller)
    gone = tab.next("screen.changed")
    assert (gone["item"], gone["version"]) == (None, changed["version"] + 1)


def test_votes_are_told_together(visit, broadcast, calls):
    question = actions.ask(broadcast.pk, make_member(), text="얼마예요?")
    tab = visit().open(broadcast.code)
    for _ in range(5):
        voting.second(question, make_member())
    assert calls == [([broadcast.pk], counting.PAUSE_SECONDS)]
    counting.tell_votes(broadcast.pk)
    first = tab.next("question.votes")
    assert first["votes"] == {question.code: 6}
    voting.second(question, make_member())
    assert len(calls) == 2
    counting.tell_votes(broadcast.pk)
    second = tab.next("question.votes")
    assert (second["votes"], second["version"]) == ({question.code: 7}, first["version"] + 1)


def test_a_show_that_is_over_has_an_empty_picture(visit, broadcast, seller):
    actions.show_question(actions.ask(broadcast.pk, make_member(), text="얼마예요?"), by=seller)
    Broadcast.objects.filter(pk=broadcast.pk).update(status="ended", ended_at=timezone.now())
    assert visit().open(broadcast.code).state["on_screen"] is None
