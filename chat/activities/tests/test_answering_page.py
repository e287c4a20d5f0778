"""The card's own requests: who may answer, how often, and what they are told."""

import pytest
from django.urls import reverse

from chat.activities.models import Answer
from chat.activities.tests.makers import let_time_run_out, make_draw, make_guests, make_poll, make_quiz
from chat.activities.views import ANSWERS_A_MINUTE


def address(activity):
    return reverse("chat:answer", args=[activity.broadcast.code, activity.code])


@pytest.fixture
def member(client, show):
    [member] = make_guests(1)
    client.force_login(member)
    return member


def test_a_member_answers_and_sees_it_after_a_reload(client, show, member):
    poll = make_poll(show)
    assert client.get(address(poll)).json() == {"option": None, "ticket": None, "message": ""}
    given = client.post(address(poll), {"option": "1"})
    assert (given.status_code, given.json()["option"]) == (200, 1)
    assert client.get(address(poll)).json() == given.json()
    assert Answer.objects.get().member == member


def test_guests_are_sent_to_sign_in(client, show):
    poll = make_poll(show)
    assert client.post(address(poll), {"option": "1"}).status_code == 302
    assert not Answer.objects.exists()


def test_a_refusal_says_why_and_what_counts(client, show, member):
    quiz = make_quiz(show)
    client.post(address(quiz), {"option": "2"})
    again = client.post(address(quiz), {"option": "0"})
    assert again.status_code == 409
    assert (again.json()["option"], again.json()["message"][:6]) == (2, "이미 답했어요"[:6])


def test_after_the_end_it_is_over(client, show, member):
    draw = make_draw(show)
    let_time_run_out(draw)
    answer = client.post(address(draw), {"option": ""})
    assert answer.status_code == 409
    assert answer.json() == {"option": None, "ticket": None, "message": "시간이 끝났어요."}


@pytest.mark.parametrize("option", ["", "9", "-1", "0.5", "²", "x" * 5000])
def test_options_nobody_offered_are_refused(client, show, member, option):
    poll = make_poll(show)
    assert client.post(address(poll), {"option": option}).status_code == 409
    assert not Answer.objects.exists()


def test_another_shows_activity_is_not_found(client, show, member):
    from tests.makers import make_broadcast, make_member

    other = make_broadcast(make_member(), status="live")
    poll = make_poll(show)
    assert client.post(reverse("chat:answer", args=[other.code, poll.code]), {"option": 0}).status_code == 404


def test_nobody_presses_any_number_of_times(client, show, member):
    poll = make_poll(show)
    for _ in range(ANSWERS_A_MINUTE):
        assert client.post(address(poll), {"option": "0"}).status_code == 200
    refused = client.post(address(poll), {"option": "1"})
    assert (refused.status_code, refused.json()["option"]) == (429, 0)
