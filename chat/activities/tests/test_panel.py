"""The part of the control room: who may, what is refused, what it shows."""

import pytest
from django.urls import reverse

from broadcasts.models import Broadcast, Moderator
from chat.activities.answering import give_answer
from chat.activities.closing import close_activity
from chat.activities.models import Activity, TickerChoice
from chat.activities.tests.makers import make_draw, make_guests, make_poll, make_quiz
from tests.makers import make_member

HTMX = {"HTTP_HX_REQUEST": "true"}
POLL = {"kind": "poll", "question": "어느 색?", "option_0": "검정", "option_1": "남색", "seconds": "60"}
QUIZ = POLL | {"kind": "quiz", "right": "1", "places": "3"}
DRAW = {"kind": "draw", "question": "머플러", "places": "2", "seconds": "120"}


def panel(show):
    return reverse("chat:activities", args=[show.code])


def end(activity):
    return reverse("chat:end_activity", args=[activity.broadcast.code, activity.code])


@pytest.fixture
def seller(client, show):
    client.force_login(show.channel.member)
    return show.channel.member


def test_a_poll_begins_and_is_shown(client, show, seller):
    part = client.post(panel(show), POLL | {"option_3": "밤색"}, **HTMX)
    assert part.status_code == 200
    poll = Activity.objects.get()
    assert (poll.kind, poll.options, poll.question) == ("poll", ["검정", "남색", "밤색"], "어느 색?")
    assert "어느 색?" in part.content.decode()
    assert "every 2s" in part.content.decode()


def test_a_quiz_knows_its_answer_among_the_options_that_were_filled_in(client, show, seller):
    client.post(panel(show), QUIZ | {"option_3": "밤색", "right": "3"}, **HTMX)
    quiz = Activity.objects.get()
    assert (quiz.options[quiz.right_option], quiz.places) == ("밤색", 3)


def test_a_draw_begins(client, show, seller):
    client.post(panel(show), DRAW | {"buyers_only": "on"}, **HTMX)
    draw = Activity.objects.get()
    assert (draw.kind, draw.places, draw.buyers_only, draw.options) == ("draw", 2, True, [])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (POLL | {"question": ""}, "poll-question"),
        (POLL | {"question": "\u3164"}, "poll-question"),
        (POLL | {"question": "가" * 81}, "poll-question"),
        (POLL | {"option_1": ""}, "poll-option_1"),
        (POLL | {"option_1": "가" * 31}, "poll-option_1"),
        (POLL | {"seconds": "14"}, "poll-seconds"),
        (POLL | {"seconds": "301"}, "poll-seconds"),
        (QUIZ | {"right": "4"}, "quiz-right"),
        (QUIZ | {"right": "x"}, "quiz-right"),
        (QUIZ | {"places": "21"}, "quiz-places"),
        (DRAW | {"places": "0"}, "draw-places"),
    ],
)
def test_a_form_says_what_is_wrong_with_it(client, show, seller, values, field):
    part = client.post(panel(show), values, **HTMX)
    assert part.status_code == 422
    assert f'id="{field}_error"' in part.content.decode()
    assert not Activity.objects.exists()


def test_the_same_answer_twice_is_none(client, show, seller):
    part = client.post(panel(show), POLL | {"option_1": " 검정 "}, **HTMX)
    assert (part.status_code, Activity.objects.count()) == (422, 0)


def test_a_second_one_has_to_wait(client, show, seller):
    make_poll(show)
    part = client.post(panel(show), DRAW, **HTMX)
    assert (part.status_code, Activity.objects.count()) == (422, 1)


def test_an_unknown_kind_is_not_found(client, show, seller):
    assert client.post(panel(show), POLL | {"kind": "raffle"}).status_code == 404


def test_ending_early_and_twice(client, show, seller):
    poll = make_poll(show)
    assert client.post(end(poll), **HTMX).status_code == 200
    assert client.post(end(poll)).status_code == 302
    poll.refresh_from_db()
    assert poll.status == "closed"


def test_moderators_begin_and_end_but_do_not_switch_the_ticker(client, show):
    moderator = make_member()
    Moderator.objects.create(channel=show.channel, member=moderator)
    client.force_login(moderator)
    assert client.post(panel(show), POLL, **HTMX).status_code == 200
    assert client.post(end(Activity.objects.get()), **HTMX).status_code == 200
    switch = reverse("chat:switch_ticker", args=[show.code])
    assert switch not in client.get(panel(show)).content.decode()
    assert client.post(switch, {"on": "0"}).status_code == 403
    assert not TickerChoice.objects.exists()


def test_moderators_of_other_channels_and_staff_are_turned_away(client, show):
    poll = make_poll(show)
    other = make_member(is_staff=True)
    Moderator.objects.create(channel=other.channel, member=other)
    client.force_login(other)
    assert client.post(panel(show), POLL).status_code == 403
    assert client.post(end(poll)).status_code == 403


def test_an_activity_of_another_show_cannot_be_ended_here(client, show, seller):
    from tests.makers import make_broadcast

    poll = make_poll(make_broadcast(make_member(), status="live"))
    here = reverse("chat:end_activity", args=[show.code, poll.code])
    assert client.post(here).status_code == 404
    poll.refresh_from_db()
    assert poll.is_open


def test_it_takes_few_queries_however_many_there_were(client, show, seller, django_assert_max_num_queries):
    for _ in range(12):
        quiz = make_quiz(show)
        close_activity(quiz.pk, by=None)
    with django_assert_max_num_queries(20):
        client.get(panel(show), **HTMX)


def test_the_keepers_see_whole_names_of_winners(client, show, seller):
    draw = make_draw(show)
    for member in make_guests(2):
        give_answer(draw.pk, member, None)
    close_activity(draw.pk, by=None)
    page = client.get(panel(show)).content.decode()
    assert "손0" in page
    assert "손1" in page


def test_after_the_show_nothing_begins(client, show, seller):
    Broadcast.objects.filter(pk=show.pk).update(status="ended")
    assert '<form class="form"' not in client.get(panel(show)).content.decode()
    assert client.post(panel(show), POLL, **HTMX).status_code == 422
