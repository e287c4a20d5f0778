"""What lies on the picture when a show ends, by whatever way it does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts import sweeps
from broadcasts.actions import end_broadcast
from broadcasts.chapters.models import Chapter
from broadcasts.models import Broadcast
from broadcasts.moves import move_broadcast
from chat.questions import actions, ending
from chat.questions.models import Question, QuestionLog, Screen
from chat.questions.refusals import NotOnAir
from chat.support.actions import begin_support, show_support
from chat.support.models import SupportMessage
from orders.models import Checkout
from tests.concurrency import at_once
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


@pytest.fixture
def host(show):
    return show.channel.member


@pytest.fixture
def shown(show, host):
    """A question on the picture."""
    question = actions.ask(show.pk, make_member(), text="세탁기에 돌려도 되나요?")
    actions.show_question(question, by=host)
    return question


def by_button(client, show, settings):
    client.force_login(show.channel.member)
    assert client.post(reverse("broadcasts:end", args=[show.code])).status_code == 302


def by_silence(client, show, settings):
    long_ago = timezone.now() - timedelta(seconds=settings.SIGNAL_TIMEOUT_SECONDS + 1)
    Broadcast.objects.filter(pk=show.pk).update(status="reconnecting", signal_lost_at=long_ago)
    assert sweeps.end_silent_broadcasts() == 1


def by_staff(client, show, settings):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    chosen = {"action": "stop", "_selected_action": [show.pk]}
    assert client.post(reverse("admin:broadcasts_broadcast_changelist"), chosen).status_code == 302


@pytest.mark.parametrize("end", [by_button, by_silence, by_staff])
def test_the_question_was_answered(client, show, shown, settings, end, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        end(client, show, settings)
    shown.refresh_from_db()
    show.refresh_from_db()
    assert (show.status, shown.status, shown.answered_at) == ("ended", "answered", show.ended_at)
    chapter = Chapter.objects.get(source=Chapter.Source.QUESTION)
    assert (chapter.title, chapter.at) == (shown.text, shown.shown_at)
    assert (Screen.objects.get().kind, Screen.objects.get().item) == ("", "")
    assert not Question.objects.unanswered().exists()
    last = QuestionLog.objects.last()
    assert (last.type, last.before, last.by) == ("question.answered", "on_screen", None)


def test_a_support_message_leaves_the_picture(show, host, django_capture_on_commit_callbacks):
    message = begin_support(make_member(), show, amount=10_000, text="응원해요!", key=uuid4())
    Checkout.objects.filter(pk=message.pk).update(status="paid")
    show_support(message, by=host)
    with django_capture_on_commit_callbacks(execute=True):
        end_broadcast(show.pk, by=host)
    screen = Screen.objects.get()
    assert (screen.kind, screen.item, screen.amount, screen.version) == ("", "", None, 2)
    assert SupportMessage.objects.get().shown_at


def test_an_end_that_was_not_heard_of_is_made_up_for(show, shown, host):
    end_broadcast(show.pk, by=host)  # as if the process had died before it told
    still_on = make_broadcast(make_member(), status="live", started_at=timezone.now())
    other = actions.ask(still_on.pk, make_member(), text="얼마예요?")
    actions.show_question(other, by=still_on.channel.member)
    assert ending.finish_screens() == 1
    assert ending.finish_screens() == 0
    shown.refresh_from_db()
    other.refresh_from_db()
    assert (shown.status, other.status) == ("answered", "on_screen")


def test_a_show_that_went_on_keeps_its_picture(show, shown):
    move_broadcast(show.pk, "reconnecting")
    assert not ending.finish_screen(show.pk)
    shown.refresh_from_db()
    assert shown.status == "on_screen"


def test_twice_is_once(show, shown, host, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        end_broadcast(show.pk, by=host)
    assert not ending.finish_screen(show.pk)
    assert Chapter.objects.filter(source=Chapter.Source.QUESTION).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_shows_a_question_while_the_show_ends_leaves_nothing_behind(show, host):
    question = actions.ask(show.pk, make_member(), text="얼마예요?")
    showing, ended = at_once(
        lambda: actions.show_question(question, by=host), lambda: end_broadcast(show.pk, by=host)
    )
    assert ended is None
    assert showing is True or isinstance(showing, NotOnAir)
    question.refresh_from_db()
    assert question.status == ("answered" if showing is True else "waiting")
    assert Screen.objects.get().item == ""
