import json
import logging
import threading
from datetime import timedelta

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from common.errors import ProviderRefused
from media_pipeline import applying, inbox, tasks
from media_pipeline.models import ProviderEvent

TYPE = "Test State Change"


def envelope(**changes):
    return {
        "version": "0",
        "id": "e1",
        "detail-type": TYPE,
        "source": "test.provider",
        "account": "111122223333",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["r1"],
        "detail": {"n": 1},
        **changes,
    }


@pytest.fixture
def seen(monkeypatch):
    """Register a handler for TYPE that notes what it was called with."""
    calls = []
    monkeypatch.setitem(applying.handlers, TYPE, lambda event: calls.append(event["detail"]["n"]))
    return calls


@pytest.fixture
def called(monkeypatch):
    """Catch what would be sent to the broker: the seconds to wait."""
    waits = []
    monkeypatch.setattr(tasks.apply_waiting_events, "delay", lambda: waits.append(0))
    monkeypatch.setattr(
        tasks.apply_waiting_events,
        "apply_async",
        lambda *, countdown, expires: waits.append(round(countdown)),
    )
    return waits


def failing(monkeypatch, error):
    """Register a handler for TYPE that raises."""

    def fail(event):
        raise error

    monkeypatch.setitem(applying.handlers, TYPE, fail)


def let_time_pass():
    """Let every event's time to be tried again come."""
    ProviderEvent.objects.filter(due_at__gt=timezone.now()).update(due_at=timezone.now())


# --- Keeping ------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_keeps_an_envelope_and_calls_a_worker_after_the_commit(called, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert inbox.accept(envelope())
        assert called == []
    event = ProviderEvent.objects.get()
    assert (event.status, event.type, event.envelope["detail"]) == ("waiting", TYPE, {"n": 1})
    assert called == [0]


@pytest.mark.django_db
def test_many_envelopes_call_one_worker(called, django_capture_on_commit_callbacks):
    for number in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            inbox.accept(envelope(id=f"e{number}"))
    assert called == [0]


@pytest.mark.django_db
def test_a_doubled_envelope_is_kept_and_applied_once(seen):
    assert inbox.accept(envelope())
    assert not inbox.accept(envelope())
    event = ProviderEvent.objects.get()
    applying.apply(event.pk)
    applying.apply(event.pk)
    assert seen == [1]
    event.refresh_from_db()
    assert event.status == "applied"
    assert event.applied_at is not None


@pytest.mark.django_db
def test_the_same_id_from_another_source_is_another_event():
    inbox.accept(envelope())
    assert inbox.accept(envelope(source="other.provider"))
    assert ProviderEvent.objects.count() == 2


@pytest.mark.django_db
def test_an_id_with_other_content_is_noted_once_and_never_applied(seen):
    inbox.accept(envelope())
    assert inbox.accept(envelope(detail={"n": 2}))
    assert not inbox.accept(envelope(detail={"n": 2}))
    other, first = ProviderEvent.objects.all()
    assert (other.status, other.envelope["detail"]) == ("malformed", {"n": 2})
    assert str(first.pk) in other.error
    applying.apply_waiting(seconds=5)
    assert seen == [1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"source": None}, "source"),
        ({"source": "s" * 61}, "source is longer"),
        ({"id": ""}, "id"),
        ({"id": "i" * 81}, "id is longer"),
        ({"detail-type": 7}, "detail-type"),
        ({"detail": []}, "detail"),
        ({"resources": "r1"}, "resources"),
        ({"resources": [{}]}, "resources"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-01-01T00:00:00"}, "zone"),
        ({"detail": {"n": float("nan")}}, "no form in JSON"),
        ({"detail": {"n": "a\x00b"}}, "no text"),
        ({"detail": {"n": "\ud800"}}, "no text"),
        ({"detail": {"n": "x" * inbox.MAX_BYTES}}, "larger"),
    ],
)
def test_a_malformed_envelope_is_kept_for_staff_and_never_applied(
    changes, problem, called, seen, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert inbox.accept(envelope(**changes))
        assert not inbox.accept(envelope(**changes))
    event = ProviderEvent.objects.get()
    assert event.status == "malformed"
    assert problem in event.error
    assert len(json.dumps(event.envelope)) < 2 * inbox.KEPT_BYTES
    applying.apply(event.pk)
    assert (called, seen) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{not json", "not JSON"),
        ('{"id": NaN}', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('"a text"', "not an object"),
        ("[1, 2]", "not an object"),
        ("null", "not an object"),
        (" " * (inbox.MAX_BYTES + 1), "larger"),
        ('{"id": "\\ud800"}', "no text"),
        ('{"id": "\\u0000"}', "no text"),
        ('{"id": 1e999}', "no form in JSON"),
    ],
)
def test_a_text_that_is_no_envelope_is_kept_once(text, problem):
    assert inbox.accept_text(text)
    assert not inbox.accept_text(text)
    event = ProviderEvent.objects.get()
    assert (event.status, problem in event.error) == ("malformed", True)


@pytest.mark.django_db
def test_a_text_that_is_an_envelope_is_accepted():
    text = json.dumps(envelope(detail={"n": "\\u0000 is written, not meant"}))
    assert inbox.accept_text(text)
    assert not inbox.accept_text(text.encode())
    assert ProviderEvent.objects.get().status == "waiting"


@pytest.mark.django_db(transaction=True)
def test_an_accept_that_is_rolled_back_calls_nobody(called):
    with transaction.atomic():
        inbox.accept(envelope())
        transaction.set_rollback(True)
    assert called == []
    assert not ProviderEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_envelope_is_kept_also_without_redis(monkeypatch):
    monkeypatch.setattr(
        redis.Redis, "set", lambda *args, **options: (_ for _ in ()).throw(redis.ConnectionError())
    )
    assert inbox.accept(envelope())
    assert ProviderEvent.objects.get().status == "waiting"


# --- Applying -----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_one_task_applies_everything_that_waits_oldest_first(seen, called):
    for number in range(3):
        inbox.accept(envelope(id=f"e{number}", detail={"n": number}))
    tasks.apply_waiting_events()
    assert seen == [0, 1, 2]
    assert called == []


@pytest.mark.django_db
def test_a_task_that_ran_out_of_time_is_called_again(seen, called, monkeypatch):
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0)
    inbox.accept(envelope())
    tasks.apply_waiting_events()
    assert (seen, called) == ([], [0])


@pytest.mark.django_db
def test_an_unknown_type_is_kept_and_can_be_tried_again(monkeypatch, seen):
    inbox.accept(envelope(**{"detail-type": "Nobody Knows"}))
    event = ProviderEvent.objects.get()
    applying.apply_waiting(seconds=5)
    event.refresh_from_db()
    assert event.status == "unknown"
    assert inbox.apply_again([event.pk]) == 1
    event.refresh_from_db()
    assert event.status == "waiting"


@pytest.mark.django_db(transaction=True)
def test_a_failing_handler_leaves_no_half_effect_and_the_event_waits(monkeypatch, called):
    def half(event):
        ProviderEvent.objects.create(source="effect", event_id="x", envelope={})
        raise applying.NotYet("row is not there yet")

    monkeypatch.setitem(applying.handlers, TYPE, half)
    inbox.accept(envelope())
    called.clear()
    tasks.apply_waiting_events()
    event = ProviderEvent.objects.get()
    assert (event.status, event.attempts) == ("waiting", 1)
    assert "row is not there yet" in event.error
    assert event.due_at > timezone.now()
    assert called == [1]


@pytest.mark.django_db
def test_an_event_that_waits_for_its_time_holds_up_nobody(monkeypatch, seen):
    calls = []

    def only_the_second(event):
        calls.append(event["id"])
        if event["id"] == "e1":
            raise applying.NotYet

    monkeypatch.setitem(applying.handlers, TYPE, only_the_second)
    inbox.accept(envelope())
    inbox.accept(envelope(id="e2"))
    applying.apply_waiting(seconds=5)
    assert calls == ["e1", "e2"]
    assert applying.next_due() is not None


@pytest.mark.django_db
def test_it_gives_up_after_enough_tries_with_growing_pauses_and_shows_staff(monkeypatch):
    failing(monkeypatch, applying.NotYet("no row"))
    inbox.accept(envelope())
    pauses = []
    for _ in range(applying.MAX_ATTEMPTS):
        before = timezone.now()
        applying.apply_waiting(seconds=5)
        pauses.append(round((ProviderEvent.objects.get().due_at - before).total_seconds()))
        let_time_pass()
    event = ProviderEvent.objects.get()
    assert (event.status, event.attempts) == ("failed", applying.MAX_ATTEMPTS)
    assert "no row" in event.error
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert applying.next_due() is None


@pytest.mark.django_db
def test_an_event_that_comes_good_forgets_its_error(monkeypatch, seen):
    failing(monkeypatch, applying.NotYet("no row"))
    inbox.accept(envelope())
    applying.apply_waiting(seconds=5)
    monkeypatch.setitem(applying.handlers, TYPE, seen.append)
    let_time_pass()
    applying.apply_waiting(seconds=5)
    event = ProviderEvent.objects.get()
    assert (event.status, event.error, event.attempts) == ("applied", "", 1)


@pytest.mark.django_db
def test_a_refusal_is_not_tried_again(monkeypatch):
    failing(monkeypatch, ProviderRefused("bucket is not ours"))
    inbox.accept(envelope())
    applying.apply_waiting(seconds=5)
    event = ProviderEvent.objects.get()
    assert (event.status, event.attempts) == ("failed", 1)
    assert "bucket is not ours" in event.error


@pytest.mark.django_db
def test_nothing_of_an_envelope_is_logged(monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    failing(monkeypatch, ProviderRefused("s3cret"))
    inbox.accept(envelope(detail={"n": "s3cret"}))
    inbox.accept(envelope(detail={"n": "s3cret", "again": True}))
    inbox.accept_text("{s3cret")
    applying.apply_waiting(seconds=5)
    assert "given up" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.django_db
def test_a_type_has_one_handler(monkeypatch):
    monkeypatch.setitem(applying.handlers, TYPE, print)
    with pytest.raises(ValueError, match="handler already"):
        applying.register(TYPE, print)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_apply_every_event_once(monkeypatch, called):
    applied = []
    ready = threading.Barrier(4)
    monkeypatch.setitem(applying.handlers, TYPE, lambda event: applied.append(event["id"]))
    names = [f"e{number}" for number in range(40)]
    for name in names:
        inbox.accept(envelope(id=name))

    def work():
        ready.wait(5)
        try:
            applying.apply_waiting(seconds=10)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(applied) == sorted(names)
    assert set(ProviderEvent.objects.values_list("status", flat=True)) == {"applied"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_slow_handler_does_not_hold_up_another_worker(monkeypatch, called):
    started, go_on = threading.Event(), threading.Event()
    applied = []

    def slow_first(event):
        if event["id"] == "slow":
            started.set()
            assert go_on.wait(10)
        applied.append(event["id"])

    monkeypatch.setitem(applying.handlers, TYPE, slow_first)
    inbox.accept(envelope(id="slow"))
    inbox.accept(envelope(id="quick"))

    def work():
        try:
            applying.apply_waiting(seconds=10)
        finally:
            connection.close()

    slow = threading.Thread(target=work)
    slow.start()
    assert started.wait(5)
    applying.apply_waiting(seconds=5)
    assert applied == ["quick"]
    go_on.set()
    slow.join(10)
    assert applied == ["quick", "slow"]


# --- Forgetting ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_only_applied_events_are_forgotten_progress_sooner(seen, monkeypatch):
    job = {"detail-type": "MediaConvert Job State Change"}
    monkeypatch.setitem(applying.handlers, job["detail-type"], print)
    days = {
        "new": 29,
        "old": 31,
        "failed": 31,
        "unknown": 31,
        "complete": 2,
        "progress": 2,
        "fresh progress": 0,
    }
    for name in days:
        kind = job if "progress" in name or name == "complete" else {}
        status = {"complete": "COMPLETE"}.get(name, "STATUS_UPDATE")
        inbox.accept(envelope(id=name, detail={"n": 1, "status": status}, **kind))
    applying.apply_waiting(seconds=5)
    for name, age in days.items():
        received = timezone.now() - timedelta(days=age, minutes=1)
        ProviderEvent.objects.filter(event_id=name).update(received_at=received)
    for name in ("failed", "unknown"):
        ProviderEvent.objects.filter(event_id=name).update(status=name)
    tasks.forget_old_events()
    assert set(ProviderEvent.objects.values_list("event_id", flat=True)) == set(days) - {"old", "progress"}
