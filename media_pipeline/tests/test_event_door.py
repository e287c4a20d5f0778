import threading

import pytest
from django.db import connection, transaction

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
def queued(monkeypatch):
    """Catch what would be sent to the broker."""
    ids = []
    monkeypatch.setattr(tasks.apply_event, "delay", ids.append)
    return ids


@pytest.mark.django_db
def test_it_keeps_an_envelope_and_queues_it_after_the_commit(queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert inbox.accept(envelope())
        assert queued == []
    event = ProviderEvent.objects.get()
    assert (event.status, event.type, event.envelope["detail"]) == ("waiting", TYPE, {"n": 1})
    assert queued == [event.pk]


@pytest.mark.django_db
def test_a_doubled_envelope_is_kept_and_applied_once(seen, queued):
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
def test_the_same_id_from_another_source_is_another_event(queued):
    inbox.accept(envelope())
    assert inbox.accept(envelope(source="other.provider"))
    assert ProviderEvent.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"source": None}, "source"),
        ({"id": ""}, "id"),
        ({"detail-type": 7}, "detail-type"),
        ({"detail": []}, "detail"),
        ({"resources": "r1"}, "resources"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-01-01T00:00:00"}, "zone"),
    ],
)
def test_a_malformed_envelope_is_kept_for_staff_and_never_applied(
    changes, problem, queued, seen, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        inbox.accept(envelope(**changes))
    event = ProviderEvent.objects.get()
    assert event.status == "malformed"
    assert problem in event.error
    applying.apply(event.pk)
    assert (queued, seen) == ([], [])


@pytest.mark.django_db
def test_an_unknown_type_is_kept_and_can_be_tried_again(
    queued, monkeypatch, django_capture_on_commit_callbacks
):
    inbox.accept(envelope())
    event = ProviderEvent.objects.get()
    applying.apply(event.pk)
    event.refresh_from_db()
    assert event.status == "unknown"
    with django_capture_on_commit_callbacks(execute=True):
        inbox.apply_again(event.pk)
    event.refresh_from_db()
    assert event.status == "waiting"
    assert event.pk in queued


@pytest.mark.django_db(transaction=True)
def test_a_failing_handler_leaves_no_half_effect_and_the_event_waits(monkeypatch, queued):
    def half(event):
        ProviderEvent.objects.create(source="effect", event_id="x", envelope={})
        raise applying.NotYet("row is not there yet")

    monkeypatch.setitem(applying.handlers, TYPE, half)
    inbox.accept(envelope())
    event = ProviderEvent.objects.get()
    with pytest.raises(applying.NotYet):
        applying.apply(event.pk)
    assert not ProviderEvent.objects.filter(source="effect").exists()
    assert applying.note_failure(event.pk, applying.NotYet("row is not there yet"))
    event.refresh_from_db()
    assert (event.status, event.attempts) == ("waiting", 1)
    assert "row is not there yet" in event.error


@pytest.mark.django_db
def test_it_gives_up_after_enough_attempts_and_shows_staff(queued):
    inbox.accept(envelope())
    event = ProviderEvent.objects.get()
    results = [applying.note_failure(event.pk, ValueError("broken")) for _ in range(applying.MAX_ATTEMPTS)]
    assert results == [True] * (applying.MAX_ATTEMPTS - 1) + [False]
    event.refresh_from_db()
    assert event.status == "failed"
    assert "broken" in event.error


@pytest.mark.django_db
def test_the_sweep_finds_only_what_the_broker_lost(queued, seen):
    inbox.accept(envelope())
    inbox.accept(envelope(id="e2"))
    inbox.accept(envelope(id="e3"))
    lost, fresh, done = ProviderEvent.objects.order_by("pk")
    long_ago = lost.received_at - 2 * applying.APPLY_AGAIN_AFTER
    ProviderEvent.objects.filter(pk__in=[lost.pk, done.pk]).update(received_at=long_ago)
    applying.apply(done.pk)
    assert applying.waiting_event_ids() == [lost.pk]
    tasks.apply_waiting_events()
    assert queued == [lost.pk]


@pytest.mark.django_db
def test_a_type_has_one_handler(monkeypatch):
    monkeypatch.setitem(applying.handlers, TYPE, print)
    with pytest.raises(ValueError, match="handler already"):
        applying.register(TYPE, print)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_apply_an_event_once(monkeypatch, queued):
    calls = []
    both_ready = threading.Barrier(2)
    monkeypatch.setitem(applying.handlers, TYPE, lambda event: calls.append(1))
    inbox.accept(envelope())
    event_id = ProviderEvent.objects.get().pk

    def work():
        both_ready.wait(5)
        try:
            applying.apply(event_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert calls == [1]


@pytest.mark.django_db(transaction=True)
def test_an_accept_that_is_rolled_back_queues_nothing(queued):
    def accept_then_fail():
        with transaction.atomic():
            inbox.accept(envelope())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        accept_then_fail()
    assert queued == []
    assert not ProviderEvent.objects.exists()
