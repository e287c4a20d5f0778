"""The button that asks for a reminder, and the link in a mail that stops it."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.makers import make_member, make_trailer
from trailers.models import Reminder, Trailer
from trailers.reminders import ask_for_reminder

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def trailer():
    return make_trailer(make_member())


@pytest.fixture
def reminder(trailer, member):
    return ask_for_reminder(trailer, member=member)


def remind(client, trailer, **data):
    return client.post(reverse("trailers:remind", args=[trailer.code]), data, headers=PARTIAL)


def test_the_button_turns_it_on_and_off(client, trailer, member):
    client.force_login(member)
    for expected in (True, False, True):
        response = remind(client, trailer)
        assert response.status_code == 200
        assert response.context["reminded"] is expected
        assert response.context["reminder_count"] == int(expected)


def test_a_button_pressed_twice_stays_on(client, trailer, member):
    client.force_login(member)
    for _ in range(2):
        assert remind(client, trailer, want="on").context["reminded"]
    for _ in range(2):
        assert not remind(client, trailer, want="off").context["reminded"]


def test_the_button_without_scripts(client, trailer, member):
    client.force_login(member)
    response = client.post(reverse("trailers:remind", args=[trailer.code]), {"want": "on"})
    assert response.headers["Location"] == reverse("trailers:detail", args=[trailer.code])
    assert Reminder.objects.get().member == member


def test_a_guest_signs_in_and_comes_back(client, trailer):
    back = reverse("trailers:detail", args=[trailer.code]).replace("/", "%2F")
    login = f"{reverse('account_login')}?next={back}"
    assert remind(client, trailer).headers["HX-Redirect"] == login
    assert client.post(reverse("trailers:remind", args=[trailer.code])).headers["Location"] == login
    assert Reminder.objects.count() == 0


def test_the_button_says_why_there_is_nothing_to_wait_for(client, trailer, member):
    Trailer.objects.filter(pk=trailer.pk).update(status="cancelled")
    client.force_login(member)
    assert remind(client, trailer, want="on").status_code == 409


def test_the_link_in_a_mail_stops_it_without_signing_in(reminder):
    strict = Client(enforce_csrf_checks=True)
    address = reverse("trailers:stop_reminder", args=[reminder.token])
    page = strict.get(address)
    reminder.refresh_from_db()
    assert (page.status_code, page.context["stopped"], reminder.stopped_at) == (200, False, None)
    done = strict.post(address, {"List-Unsubscribe": "One-Click"})
    reminder.refresh_from_db()
    assert (done.status_code, done.context["stopped"]) == (200, True)
    assert reminder.stopped_at
    assert strict.post(address).status_code == 200
    assert strict.get(reverse("trailers:stop_reminder", args=["nobody"])).status_code == 404


def test_tokens_are_their_own(trailer, reminder):
    other = ask_for_reminder(trailer, member=make_member())
    assert other.token != reminder.token
    assert len(reminder.token) == 32
