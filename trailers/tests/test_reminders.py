"""Reminders: owed by the clock, sent at most once, stopped by one click."""

from datetime import timedelta
from email.utils import parseaddr
from types import SimpleNamespace

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Undeliverable
from accounts.undeliverable import note_undeliverable
from broadcasts.models import Broadcast
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing
from tests.makers import make_member, make_trailer
from trailers.actions import cancel_trailer, edit_trailer, start_broadcast_from
from trailers.delivering import LOST_AFTER, MOST_ATTEMPTS, deliver_due, give_up_lost
from trailers.delivery_plan import plan_reminders
from trailers.models import Reminder, ReminderDelivery, Trailer
from trailers.reminders import NothingToRemindOf, ask_for_reminder, stop_reminder
from trailers.tasks import send_reminders

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Clock:
    """The server's clock, in the hands of the test."""

    def __init__(self, monkeypatch):
        self.now = timezone.now().replace(second=0, microsecond=0)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def go(self, minutes):
        self.now += minutes * MINUTE


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def trailer(clock, seller):
    return make_trailer(seller, title="포근한 겨울 준비", starts_at=clock.now + 60 * MINUTE)


@pytest.fixture
def reminder(trailer, member):
    return ask_for_reminder(trailer, member=member)


def subjects():
    return [message.subject for message in mail.outbox]


def statuses():
    return list(ReminderDelivery.objects.order_by("pk").values_list("occasion", "status"))


def test_two_mails_come_before_a_show(clock, reminder):
    for _ in range(70):
        send_reminders()
        clock.go(1)
    assert subjects() == ["30분 뒤 시작해요: 포근한 겨울 준비", "곧 시작해요: 포근한 겨울 준비"]
    assert statuses() == [("30m", "sent"), ("5m", "sent")]


@pytest.mark.parametrize(
    ("minutes_before", "occasions"),
    [(31, []), (30, ["30m"]), (6, ["30m"]), (5, ["5m"]), (1, ["5m"]), (0, []), (-10, [])],
)
def test_what_is_due_when(clock, trailer, reminder, minutes_before, occasions):
    plan_reminders(trailer.starts_at - minutes_before * MINUTE)
    assert [occasion for occasion, _status in statuses()] == occasions


def test_a_clock_that_jumps_back_repeats_nothing(clock, reminder):
    clock.go(30)
    send_reminders()
    clock.go(-20)
    for _ in range(25):
        send_reminders()
        clock.go(1)
    assert subjects() == ["30분 뒤 시작해요: 포근한 겨울 준비"]


def test_a_clock_that_jumps_past_the_start_sends_nothing_late(clock, reminder):
    clock.go(31)
    plan_reminders(clock.now)
    clock.go(120)
    send_reminders()
    assert (subjects(), statuses()) == ([], [("30m", "skipped")])


def test_who_asked_a_moment_ago_is_not_told_at_once(clock, trailer):
    clock.go(40)
    ask_for_reminder(trailer, member=make_member())
    send_reminders()
    assert subjects() == []
    clock.go(15)
    send_reminders()
    assert subjects() == ["곧 시작해요: 포근한 겨울 준비"]


def test_another_time_brings_its_own_reminders(clock, seller, trailer, reminder):
    clock.go(30)
    send_reminders()
    later = trailer.starts_at + 60 * MINUTE
    values = {"title": trailer.title, "product": trailer.product, "video": trailer.video, "thumbnail": None}
    edit_trailer(trailer.pk, starts_at=later, by=seller, **values)
    for _ in range(100):
        send_reminders()
        clock.go(1)
    assert [subject.partition(":")[0] for subject in subjects()] == [
        "30분 뒤 시작해요",
        "방송 시각이 바뀌었어요",
        "30분 뒤 시작해요",
        "곧 시작해요",
    ]


def test_of_two_new_times_only_the_last_is_told(clock, seller, trailer, reminder):
    values = {"title": trailer.title, "product": trailer.product, "video": trailer.video, "thumbnail": None}
    for hours in (2, 3):
        at = trailer.starts_at + hours * 60 * MINUTE
        edit_trailer(trailer.pk, starts_at=at, by=seller, **values)
    send_reminders()
    assert statuses() == [("rescheduled", "skipped"), ("rescheduled", "sent")]


def test_a_new_time_within_the_half_hour_is_told_once(clock, seller, trailer, reminder):
    values = {"title": trailer.title, "product": trailer.product, "video": trailer.video, "thumbnail": None}
    edit_trailer(trailer.pk, starts_at=clock.now + 20 * MINUTE, by=seller, **values)
    send_reminders()
    assert subjects() == ["방송 시각이 바뀌었어요: 포근한 겨울 준비"]


def test_a_cancelled_show_is_told_and_then_silence(clock, seller, trailer, reminder):
    clock.go(29)
    cancel_trailer(trailer.pk, by=seller)
    for _ in range(40):
        send_reminders()
        clock.go(1)
    assert subjects() == ["방송이 취소됐어요: 포근한 겨울 준비"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("scheduled", ["30분 뒤 시작해요: 포근한 겨울 준비"]),
        ("live", ["지금 방송 중이에요: 포근한 겨울 준비"]),
        ("ended", []),
    ],
)
def test_the_mail_knows_how_the_show_stands(clock, seller, trailer, reminder, status, expected):
    show = start_broadcast_from(trailer.pk, by=seller)
    Broadcast.objects.filter(pk=show.pk).update(status=status)
    clock.go(30)
    send_reminders()
    assert subjects() == expected
    if status == "live":
        assert reverse("broadcasts:watch", args=[show.code]) in mail.outbox[0].body


@pytest.mark.parametrize("reason", ["stopped", "member left"])
def test_who_wants_none_gets_none_even_if_it_was_planned(clock, trailer, member, reminder, reason):
    clock.go(30)
    plan_reminders(clock.now)
    if reason == "stopped":
        stop_reminder(trailer, member=member)
    else:
        member.is_active = False
        member.save()
    send_reminders()
    assert subjects() == []
    assert ReminderDelivery.objects.get().error == reason


def test_an_address_that_bounced_gets_no_mail(clock, member, reminder):
    note_undeliverable(member.email.upper(), reason=Undeliverable.Reason.BOUNCED, at=clock.now)
    clock.go(30)
    send_reminders()
    assert (subjects(), ReminderDelivery.objects.get().error) == ([], "undeliverable")


def test_asking_again_after_stopping(clock, trailer, member, reminder):
    stop_reminder(trailer, member=member)
    assert ask_for_reminder(trailer, member=member) == reminder
    reminder.refresh_from_db()
    assert reminder.stopped_at is None
    assert Reminder.objects.count() == 1


def test_nobody_is_reminded_of_what_is_over(trailer, member):
    Trailer.objects.filter(pk=trailer.pk).update(status="cancelled")
    trailer.refresh_from_db()
    with pytest.raises(NothingToRemindOf):
        ask_for_reminder(trailer, member=member)


def test_what_a_mail_says(clock, settings, trailer, member, reminder):
    settings.SITE_URL = "https://live.example"
    trailer.title, trailer.starts_at = "5% & <할인>\r\nBcc: x@evil.example", trailer.starts_at
    trailer.save()
    clock.go(30)
    send_reminders()
    message = mail.outbox[0]
    stop = f"https://live.example/reminders/{reminder.token}/stop/"
    assert message.to == [member.email]
    assert message.bcc == []
    assert message.subject == "30분 뒤 시작해요: 5% & <할인> Bcc: x@evil.example"
    assert f"https://live.example/trailers/{trailer.code}/" in message.body
    assert "한국 시각" in message.body
    assert stop in message.body
    headers = message.message()
    assert headers["Message-ID"] == f"<reminder.{ReminderDelivery.objects.get().pk}@live.example>"
    assert headers["List-Unsubscribe"] == f"<{stop}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parseaddr(headers["From"])[1]


@pytest.fixture
def outcomes(monkeypatch):
    """What becomes of each send, in turn; None is success."""
    planned, sent = [], []

    def send(self, message):
        sent.append(message)
        outcome = planned.pop(0) if planned else None
        if outcome:
            raise outcome

    monkeypatch.setattr(Mailing, "send", send)
    return SimpleNamespace(planned=planned, sent=sent)


def test_a_known_failure_is_tried_again_with_growing_pauses(clock, reminder, outcomes):
    clock.go(30)
    outcomes.planned[:] = [ProviderError("SMTP 421"), ProviderError("SMTP 421")]
    tries = []
    for second in range(0, 180, 5):
        before = len(outcomes.sent)
        send_reminders()
        tries += [second] * (len(outcomes.sent) - before)
        clock.now += timedelta(seconds=5)
    assert tries == [0, 15, 45]
    assert statuses() == [("30m", "sent")]


def test_after_five_failures_it_stays_failed(clock, reminder, outcomes):
    clock.go(30)
    outcomes.planned[:] = [ProviderError("SMTP 421")] * 20
    for _ in range(20):
        send_reminders()
        clock.go(1)
    assert len(outcomes.sent) == MOST_ATTEMPTS
    delivery = ReminderDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.error) == ("failed", MOST_ATTEMPTS, "SMTP 421")


@pytest.mark.parametrize(
    ("outcome", "status"), [(ProviderRefused("SMTP 550"), "failed"), (OutcomeUnknown("timeout"), "unknown")]
)
def test_a_refusal_and_a_silence_are_final(clock, reminder, outcomes, outcome, status):
    clock.go(30)
    outcomes.planned[:] = [outcome]
    for _ in range(20):
        send_reminders()
        clock.go(1)
    assert len(outcomes.sent) == 1
    assert statuses() == [("30m", status)]


def test_one_persons_failure_is_not_anothers(clock, trailer, reminder, outcomes):
    ask_for_reminder(trailer, member=make_member())
    clock.go(30)
    outcomes.planned[:] = [ProviderRefused("SMTP 550")]
    send_reminders()
    assert sorted(statuses()) == [("30m", "failed"), ("30m", "sent")]


def test_a_worker_killed_while_sending_leaves_it_unknown(clock, reminder, monkeypatch):
    def killed(self, message):
        raise KeyboardInterrupt

    clock.go(30)
    with monkeypatch.context() as patch:
        patch.setattr(Mailing, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            send_reminders()
    assert statuses() == [("30m", "sending")]
    send_reminders()
    assert statuses() == [("30m", "sending")]
    clock.now += LOST_AFTER + MINUTE
    send_reminders()
    assert (statuses(), subjects()) == ([("30m", "unknown")], [])


def test_a_slow_answer_that_comes_after_all_is_believed(clock, reminder, monkeypatch):
    def slow(self, message):
        clock.now += LOST_AFTER + MINUTE
        give_up_lost(clock.now)
        assert statuses() == [("30m", "unknown")]

    clock.go(30)
    monkeypatch.setattr(Mailing, "send", slow)
    send_reminders()
    assert statuses() == [("30m", "sent")]


def test_a_round_ends_in_time(clock, trailer, reminder, monkeypatch):
    ask_for_reminder(trailer, member=make_member())
    clock.go(30)
    plan_reminders(clock.now)
    monkeypatch.setattr("trailers.delivering.ROUND_SECONDS", -1.0)
    deliver_due(clock.now)
    assert statuses() == [("30m", "pending")] * 2
