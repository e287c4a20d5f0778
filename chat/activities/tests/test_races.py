"""Many at the same moment, with real row locks."""

from collections import Counter
from functools import partial

import pytest

from chat.activities import answering
from chat.activities.answering import give_answer
from chat.activities.closing import close_activity, look_after_activities
from chat.activities.draws import list_digest_of
from chat.activities.models import Activity, Answer
from chat.activities.tests.makers import make_draw, make_poll
from tests.concurrency import at_once, make_buyers
from tests.makers import make_broadcast, make_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MEMBERS = 50


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live")


def test_fifty_votes_at_once_are_fifty(show):
    poll = make_poll(show)
    jobs = [partial(give_answer, poll.pk, member, n % 3) for n, member in enumerate(make_buyers(MEMBERS))]
    assert {type(result) for result in at_once(*jobs, look_after_activities)} == {Answer, type(None)}
    close_activity(poll.pk, by=None)
    assert Activity.objects.get().counts == [17, 17, 16]
    assert Answer.objects.values("member").distinct().count() == MEMBERS


def test_one_member_in_fifty_tabs_has_one_vote(show):
    poll, [member] = make_poll(show), make_buyers(1)
    results = at_once(*(partial(give_answer, poll.pk, member, 1) for _ in range(MEMBERS)))
    assert {result.pk for result in results} == {Answer.objects.get().pk}


def enter_while_it_ends(draw) -> tuple[Counter[str], int]:
    jobs = [partial(give_answer, draw.pk, member, None) for member in make_buyers(MEMBERS)]
    jobs.insert(MEMBERS // 2, partial(close_activity, draw.pk, by=None))
    results = at_once(*jobs)
    return Counter(type(result).__name__ for result in results), Answer.objects.count()


def test_whoever_has_a_ticket_is_in_the_list(show):
    for _ in range(5):
        draw = make_draw(show)
        told, entered = enter_while_it_ends(draw)
        assert told["Answer"] == entered
        assert told["Over"] == MEMBERS - entered
        draw.refresh_from_db()
        assert draw.total == entered
        assert draw.list_digest == list_digest_of(Answer.objects.values_list("ticket", flat=True))
        Answer.objects.all().delete()
        _forget_members()


def test_without_the_lock_a_ticket_may_come_after_the_draw(show, monkeypatch):
    """Shows that the test above can see it."""

    def looked_then_waited(activity_id: int) -> bool:
        is_open = Activity.objects.filter(pk=activity_id, status="open").exists()
        close_activity(activity_id, by=None)
        return is_open

    monkeypatch.setattr(answering, "_held_open", looked_then_waited)
    draw, [member] = make_draw(show), make_buyers(1)
    give_answer(draw.pk, member, None)
    draw.refresh_from_db()
    assert draw.total < Answer.objects.count()


def test_closing_many_times_at_once_draws_once(show):
    draw = make_draw(show)
    for member in make_buyers(5):
        give_answer(draw.pk, member, None)
    results = at_once(*(partial(close_activity, draw.pk, by=None) for _ in range(20)))
    assert Counter(results) == {True: 1, False: 19}


def test_beginning_many_times_at_once_begins_one(show):
    results = at_once(*(partial(make_poll, show) for _ in range(10)))
    assert Counter(type(result).__name__ for result in results) == {"Activity": 1, "OneIsOpen": 9}


def _forget_members():
    from accounts.models import User

    User.objects.filter(username__startswith="rush").delete()
