"""A show without a picture ends by itself, unless the picture is back in time."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from broadcasts import sweeps
from broadcasts.actions import start_broadcast
from broadcasts.models import Broadcast
from broadcasts.signal import lock_channel, note_stream
from tests.makers import make_broadcast, make_member


@pytest.fixture
def silent(settings):
    """A show whose picture has been away for too long."""
    seller = make_member()
    show = make_broadcast(seller)
    long_ago = timezone.now() - timedelta(seconds=settings.SIGNAL_TIMEOUT_SECONDS + 60)
    picture(seller.channel, "st-1", started_at=long_ago)
    start_broadcast(show.pk, by=seller)
    picture(seller.channel, "st-1", ended_at=long_ago)
    Broadcast.objects.update(signal_lost_at=long_ago)
    return show


@transaction.atomic
def picture(channel, stream_id, **ends):
    note_stream(lock_channel(channel.provider_ref), stream_id, **ends)


def status_of(show):
    return Broadcast.objects.values_list("status", flat=True).get(pk=show.pk)


def between(monkeypatch, rival):
    """Have `rival` happen after the sweep's query and before it takes the row."""
    real = sweeps.lock_broadcast

    def lock(broadcast_id):
        rival()
        return real(broadcast_id)

    monkeypatch.setattr(sweeps, "lock_broadcast", lock)


@pytest.mark.django_db
def test_a_long_silence_ends_the_show_once(silent):
    assert sweeps.end_silent_broadcasts() == 1
    assert status_of(silent) == "ended"
    assert sweeps.end_silent_broadcasts() == 0


@pytest.mark.django_db
def test_a_picture_that_returns_in_between_keeps_the_show(silent, monkeypatch):
    between(monkeypatch, lambda: picture(silent.channel, "st-2", started_at=timezone.now()))
    assert sweeps.end_silent_broadcasts() == 0
    assert status_of(silent) == "live"


@pytest.mark.django_db
def test_a_picture_that_returned_and_went_again_begins_a_new_silence(silent, monkeypatch):
    def back_and_gone():
        picture(silent.channel, "st-2", started_at=timezone.now())
        picture(silent.channel, "st-2", ended_at=timezone.now())

    between(monkeypatch, back_and_gone)
    assert sweeps.end_silent_broadcasts() == 0
    assert status_of(silent) == "reconnecting"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_just_returning_is_waited_for(silent, monkeypatch):
    """The event's transaction holds the row when the sweep wants it."""
    returned, may_commit = threading.Event(), threading.Event()
    between(monkeypatch, may_commit.set)

    def come_back():
        try:
            with transaction.atomic():
                channel = lock_channel(silent.channel.provider_ref)
                note_stream(channel, "st-2", started_at=timezone.now())
                returned.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    event = threading.Thread(target=come_back)
    event.start()
    assert returned.wait(10)
    assert sweeps.end_silent_broadcasts() == 0
    event.join(10)
    assert status_of(silent) == "live"
