"""Polls: asked, answered, changed, counted, over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from broadcasts.models import Broadcast, BroadcastLog
from chat.activities import closing
from chat.activities.answering import NoSuchOption, Over, give_answer
from chat.activities.closing import close_activity, look_after_activities
from chat.activities.events import ActivityChanged, ActivityCounted
from chat.activities.models import Activity, Answer
from chat.activities.opening import NotOnAir, OneIsOpen
from chat.activities.room import activity_of
from chat.activities.tests.makers import let_time_run_out, make_guests, make_poll
from tests.makers import make_broadcast, make_member


def test_the_room_is_told_of_a_poll_with_its_end(show, told):
    poll = make_poll(show, seconds=90)
    [event] = told
    assert isinstance(event, ActivityChanged)
    assert (event.kind, event.status, event.options) == ("poll", "open", ["검정", "남색", "밤색"])
    assert (event.counts, event.total, event.right, event.winners, event.seed) == ([0, 0, 0], 0, None, [], "")
    assert poll.closes_at - poll.opened_at == timedelta(seconds=90)
    assert BroadcastLog.objects.filter(broadcast=show, type="activity.poll_opened").exists()


@pytest.mark.parametrize("status", ["scheduled", "starting", "ended", "cancelled"])
def test_only_a_show_on_the_air_asks(show, status):
    Broadcast.objects.filter(pk=show.pk).update(status=status)
    with pytest.raises(NotOnAir):
        make_poll(show)
    assert not Activity.objects.exists()


def test_a_show_asks_one_thing_at_a_time(show):
    first = make_poll(show)
    with pytest.raises(OneIsOpen):
        make_poll(show)
    close_activity(first.pk, by=None)
    assert make_poll(show).version > Activity.objects.get(pk=first.pk).version


@pytest.mark.parametrize("seconds", [14, 301])
def test_a_time_that_no_form_lets_through_is_a_fault(show, seconds):
    with pytest.raises(ValueError, match="too short or too long"):
        make_poll(show, seconds=seconds)


def test_a_member_has_one_answer_and_may_change_it(show):
    poll, [member] = make_poll(show), make_guests(1)
    ticket = give_answer(poll.pk, member, 0).ticket
    assert give_answer(poll.pk, member, 0).ticket == ticket
    give_answer(poll.pk, member, 2)
    assert list(Answer.objects.values_list("option", "ticket")) == [(2, ticket)]


@pytest.mark.parametrize("option", [None, -1, 3])
def test_an_option_that_is_none_is_refused(show, option):
    poll, [member] = make_poll(show), make_guests(1)
    with pytest.raises(NoSuchOption):
        give_answer(poll.pk, member, option)
    assert not Answer.objects.exists()


def test_counts_are_told_once_a_round_and_only_when_they_changed(show, told):
    poll = make_poll(show)
    for number, member in enumerate(make_guests(5)):
        give_answer(poll.pk, member, number % 2)
    assert [type(event) for event in told] == [ActivityChanged]  # no vote is an event
    look_after_activities()
    look_after_activities()
    counted = told[1:]
    assert [type(event) for event in counted] == [ActivityCounted]
    assert (counted[0].counts, counted[0].total) == ([3, 2, 0], 5)
    assert counted[0].version == poll.version + 1


def test_it_ends_by_the_clock_and_takes_no_answer_after(show, told):
    poll, [early, late] = make_poll(show), make_guests(2)
    give_answer(poll.pk, early, 1)
    let_time_run_out(poll)
    with pytest.raises(Over):
        give_answer(poll.pk, late, 1)
    look_after_activities()
    last = told[-1]
    assert (last.status, last.counts, last.total) == ("closed", [0, 1, 0], 1)
    assert Activity.objects.get().status == "closed"


def test_one_that_cannot_be_closed_does_not_keep_the_others_open(show, monkeypatch, caplog):
    other = make_poll(make_broadcast(make_member(), status="live"))
    broken = make_poll(show)
    for poll in (broken, other):
        let_time_run_out(poll)

    def fail(activity):
        if activity.pk == broken.pk:
            raise RuntimeError("no")
        return [0, 0, 0]

    monkeypatch.setattr(closing, "_counts", fail)
    look_after_activities()
    assert "activity not closed" in caplog.text
    assert Activity.objects.get(pk=broken.pk).is_open
    assert not Activity.objects.get(pk=other.pk).is_open


def test_it_ends_once(show, told):
    poll = make_poll(show)
    assert close_activity(poll.pk, by=show.channel.member)
    closed_at = Activity.objects.get().closed_at
    assert not close_activity(poll.pk, by=show.channel.member)
    assert Activity.objects.get().closed_at == closed_at
    assert [event.status for event in told] == ["open", "closed"]


def test_no_answer_after_an_early_end_though_its_time_is_not_over(show):
    poll, [member] = make_poll(show), make_guests(1)
    close_activity(poll.pk, by=None)
    with pytest.raises(Over):
        give_answer(poll.pk, member, 0)


def test_with_the_show_everything_in_it_is_over(show, told):
    poll, [member] = make_poll(show), make_guests(1)
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    with pytest.raises(Over):
        give_answer(poll.pk, member, 0)
    look_after_activities()
    assert told[-1].status == "closed"


def test_who_comes_late_sees_what_is_open_and_a_fresh_result(show):
    assert activity_of(show) is None
    poll = make_poll(show)
    assert activity_of(show).code == poll.code
    close_activity(poll.pk, by=None)
    assert activity_of(show).status == "closed"
    Activity.objects.update(closed_at=timezone.now() - timedelta(seconds=61))
    assert activity_of(show) is None


def test_a_replay_shows_none(show):
    make_poll(show)
    show.status = "ended"
    assert activity_of(show) is None
