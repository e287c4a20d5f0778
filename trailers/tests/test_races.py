"""Two tabs, two workers and a killed process, with real threads and row locks."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from broadcasts.models import Broadcast
from common.mail import Mailing
from tests.concurrency import PATIENCE_SECONDS, at_once
from tests.makers import make_asset, make_member, make_product, make_trailer
from trailers import actions
from trailers.comment_actions import write_comment
from trailers.delivery_plan import plan_reminders
from trailers.forms import TrailerForm
from trailers.models import Comment, PushSubscription, ReminderDelivery, Trailer
from trailers.push import keep_subscription
from trailers.reminders import ask_for_reminder
from trailers.studio import _save
from trailers.tasks import send_reminders

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TABS = 8
WAITING = 40


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def trailer(seller):
    return make_trailer(seller)


def test_a_show_started_in_many_tabs_is_one(seller, trailer):
    shows = at_once(*[partial(actions.start_broadcast_from, trailer.pk, by=seller)] * TABS)
    assert shows == [Broadcast.objects.get()] * TABS


def test_the_same_tabs_make_many_without_the_lock(seller, trailer, monkeypatch):
    """Shows that the test above can see a double."""
    everybody_has_read = threading.Barrier(TABS)

    def read(trailer_id):
        row = Trailer.objects.get(pk=trailer_id)
        everybody_has_read.wait(PATIENCE_SECONDS)
        return row

    monkeypatch.setattr(actions, "lock_trailer", read)
    at_once(*[partial(actions.start_broadcast_from, trailer.pk, by=seller)] * TABS)
    assert Broadcast.objects.count() == TABS


def test_starting_and_cancelling_at_once_do_not_both_happen(seller, trailer):
    at_once(
        partial(actions.start_broadcast_from, trailer.pk, by=seller),
        partial(actions.cancel_trailer, trailer.pk, by=seller),
    )
    trailer.refresh_from_db()
    assert (trailer.status, Broadcast.objects.count()) in [("started", 1), ("cancelled", 0)]


def test_a_browser_told_of_in_many_tabs_at_once_is_one(seller):
    browser = {"endpoint": "https://web.push.apple.com/x", "p256dh": "key", "auth": "secret"}
    assert at_once(*[partial(keep_subscription, seller, **browser)] * TABS) == [None] * TABS
    assert PushSubscription.objects.get().member == seller


def test_a_form_sent_twice_at_once_is_one_trailer(seller):
    product, video = make_product(seller), make_asset(seller)
    at = timezone.localtime(timezone.now() + timedelta(days=1))
    data = {
        "title": "예고",
        "starts_at": f"{at:%Y-%m-%dT%H:%M}",
        "product": product.code,
        "video": video.code,
    }

    def send():
        form = TrailerForm(data, seller=seller)
        assert form.is_valid()
        _save(seller, None, form, None)

    assert at_once(*[send] * TABS) == [None] * TABS
    assert Trailer.objects.count() == 1


def test_a_comment_sent_twice_at_once_is_one(seller, trailer):
    key = uuid4()
    comments = at_once(*[partial(write_comment, trailer, author=seller, text="네", key=key)] * TABS)
    assert comments == [Comment.objects.get()] * TABS


def test_asking_twice_at_once_is_one_reminder(trailer):
    member = make_member()
    reminders = at_once(*[partial(ask_for_reminder, trailer, member=member)] * TABS)
    assert len(set(reminders)) == 1
    assert trailer.reminders.count() == 1


@pytest.fixture
def waiting(trailer, monkeypatch):
    """WAITING members want to be reminded, and the moment for it has come."""
    for _ in range(WAITING):
        ask_for_reminder(trailer, member=make_member())
    now = trailer.starts_at - timedelta(minutes=20)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return trailer.reminders.all()


@pytest.fixture
def sent(monkeypatch):
    """Who was written to, from all threads."""
    addresses = []
    monkeypatch.setattr(Mailing, "send", lambda self, message: addresses.extend(message.to))
    return addresses


def test_many_workers_write_to_everybody_once(waiting, sent):
    assert at_once(*[send_reminders] * 4) == [None] * 4
    assert Counter(sent) == dict.fromkeys((one.member.email for one in waiting), 1)
    assert set(ReminderDelivery.objects.values_list("status", "attempts")) == {("sent", 1)}
    assert ReminderDelivery.objects.count() == WAITING


def test_the_same_workers_write_twice_without_the_claim(waiting, sent, monkeypatch):
    """Shows that the test above can see a double."""
    monkeypatch.setattr("trailers.delivering._change", lambda *args, **values: True)
    plan_reminders(timezone.now())
    at_once(*[send_reminders] * 4)
    assert set(Counter(sent).values()) == {4}


def test_a_claim_is_in_the_database_before_the_mail_leaves(waiting, monkeypatch):
    """A worker that is killed in the call leaves the trace by which others keep their hands off."""
    seen = []

    def look_from_outside(self, message):
        seen.extend(at_once(lambda: list(ReminderDelivery.objects.filter(status="sending"))))

    monkeypatch.setattr(Mailing, "send", look_from_outside)
    send_reminders()
    assert [len(rows) for rows in seen] == [1] * WAITING


def test_a_killed_round_is_taken_up_without_a_repeat(waiting, monkeypatch):
    sent = []

    def die_at_the_tenth(self, message):
        sent.extend(message.to)
        if len(sent) == 10:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Mailing, "send", die_at_the_tenth)
        with pytest.raises(KeyboardInterrupt):
            send_reminders()
    at_once(*[send_reminders] * 3)
    sent += [address for message in mail.outbox for address in message.to]
    assert Counter(sent) == dict.fromkeys((one.member.email for one in waiting), 1)
    assert ReminderDelivery.objects.filter(status="sending").count() == 1
