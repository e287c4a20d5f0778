"""A channel that is given up goes at the provider too, exactly once and only when nothing of it is on."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from broadcasts import channels, periodic, tasks
from broadcasts.actions import (
    BroadcastOpen,
    ChannelNotReady,
    close_channel,
    open_channel,
    rotate_stream_key,
    start_broadcast,
)
from broadcasts.models import Broadcast, Channel, LocalChannel, Recording
from broadcasts.streaming.base import StillLive
from broadcasts.streaming.local import LocalStreaming
from common.errors import ProviderError
from tests.makers import make_broadcast, make_member

State = Channel.State


@pytest.fixture
def queued(monkeypatch):
    """The ids of channels whose closing was put on the queue."""
    ids = []
    monkeypatch.setattr(tasks.close_channel, "delay", ids.append)
    return ids


@pytest.fixture
def seller(db, queued):
    return make_member()


@pytest.fixture
def closing(seller, django_capture_on_commit_callbacks, queued):
    with django_capture_on_commit_callbacks(execute=True):
        close_channel(seller.channel.pk)
    return seller.channel


def test_closing_begins_at_once_and_a_task_goes_on(closing, queued):
    closing.refresh_from_db()
    assert closing.state == State.CLOSING
    assert queued == [closing.pk]
    assert LocalChannel.objects.exists()


def test_nothing_of_it_is_left_at_the_provider(closing):
    channels.close_at_provider(closing.pk)
    closing.refresh_from_db()
    assert not LocalChannel.objects.exists()
    assert closing.state == State.CLOSED
    assert (closing.provider_ref, closing.stream_key, closing.playback_url) == (None, "", "")
    assert closing.claimed_until is None


def test_closing_twice_is_harmless(closing, queued, django_capture_on_commit_callbacks):
    channels.close_at_provider(closing.pk)
    channels.close_at_provider(closing.pk)
    with django_capture_on_commit_callbacks(execute=True):
        close_channel(closing.pk)
    assert queued == [closing.pk]
    channels.prepare_channel(closing.pk)
    open_channel(closing.member_id)
    assert not LocalChannel.objects.exists()


@pytest.mark.parametrize("status", Broadcast.OPEN)
def test_a_show_that_runs_keeps_its_channel(seller, queued, status):
    make_broadcast(seller, status=status)
    with pytest.raises(BroadcastOpen):
        close_channel(seller.channel.pk)
    assert Channel.objects.get(member=seller).state == State.READY
    assert queued == []


def test_no_show_begins_on_a_closing_channel(closing, seller):
    broadcast = make_broadcast(seller)
    with pytest.raises(ChannelNotReady):
        start_broadcast(broadcast.pk, by=seller)
    with pytest.raises(ChannelNotReady):
        rotate_stream_key(closing.pk)


def test_the_provider_is_asked_again_after_the_stream_ended(closing, monkeypatch):
    def live(self, ref):
        raise StillLive(ref)

    with monkeypatch.context() as patched:
        patched.setattr(LocalStreaming, "delete_channel", live)
        with pytest.raises(StillLive):
            channels.close_at_provider(closing.pk)
    closing.refresh_from_db()
    assert (closing.state, closing.claimed_until) == (State.CLOSING, None)
    assert issubclass(StillLive, ProviderError)
    assert ProviderError in tasks.close_channel.autoretry_for
    channels.close_at_provider(closing.pk)
    closing.refresh_from_db()
    assert closing.state == State.CLOSED


def test_events_of_the_last_stream_still_find_the_channel(closing, monkeypatch):
    stopped = []
    monkeypatch.setattr(LocalStreaming, "stop", lambda self, ref: stopped.append(ref))
    Channel.objects.filter(pk=closing.pk).update(signal=Channel.Signal.RECEIVING)
    with pytest.raises(StillLive):
        channels.close_at_provider(closing.pk)
    assert stopped == [closing.provider_ref]
    assert LocalChannel.objects.exists()


@pytest.mark.parametrize(("age", "waits"), [(timedelta(0), True), (2 * channels.LAST_NEWS, False)])
def test_a_recording_may_still_be_finished_but_not_for_ever(closing, age, waits):
    now = timezone.now()
    Channel.objects.filter(pk=closing.pk).update(signal_changed_at=now - age)
    Recording.objects.create(
        channel=closing, session_id="s", started_at=now, storage_bucket="local", storage_key="k"
    )
    if waits:
        with pytest.raises(StillLive):
            channels.close_at_provider(closing.pk)
    else:
        channels.close_at_provider(closing.pk)
    assert LocalChannel.objects.exists() == waits


def test_what_a_dead_preparation_left_is_deleted_too(closing):
    Channel.objects.filter(pk=closing.pk).update(provider_ref=None)
    channels.close_at_provider(closing.pk)
    assert not LocalChannel.objects.exists()


def test_a_preparation_that_ends_late_does_not_open_it_again(db, seller, monkeypatch):
    channel = seller.channel
    Channel.objects.filter(pk=channel.pk).update(state=State.PREPARING, provider_ref=None)
    create = LocalStreaming.create_channel

    def create_while_it_is_closed(self, name):
        close_channel(channel.pk)
        return create(self, name)

    monkeypatch.setattr(LocalStreaming, "create_channel", create_while_it_is_closed)
    channels.prepare_channel(channel.pk)
    channel.refresh_from_db()
    assert channel.state == State.CLOSING
    assert channel.provider_ref  # so that the closing finds it


def test_the_periodic_task_goes_on_with_what_is_not_closed(closing, queued):
    periodic.prepare_leftover_channels()
    assert queued == [closing.pk] * 2
    channels.close_at_provider(closing.pk)
    periodic.prepare_leftover_channels()
    assert queued == [closing.pk] * 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_closing_and_starting_at_once_leave_no_show_on_a_closed_channel(monkeypatch):
    monkeypatch.setattr(tasks.close_channel, "delay", lambda pk: None)
    seller = make_member()
    outcomes = []
    for _ in range(10):
        Channel.objects.filter(member=seller).update(state=State.READY)
        Broadcast.objects.all().delete()
        broadcast = make_broadcast(seller)
        gate = threading.Barrier(2)

        def run(work, *args, gate=gate, **options):
            gate.wait(10)
            try:
                work(*args, **options)
            except (BroadcastOpen, ChannelNotReady) as refusal:
                outcomes.append(refusal.code)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=run, args=(close_channel, seller.channel.pk)),
            threading.Thread(target=run, args=(start_broadcast, broadcast.pk), kwargs={"by": seller}),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        broadcast.refresh_from_db()
        is_open = broadcast.status in Broadcast.OPEN
        assert is_open == (Channel.objects.get(member=seller).state == State.READY)
    assert len(outcomes) == 10


class TestAdmin:
    url = property(lambda self: reverse("admin:broadcasts_channel_changelist"))

    def close(self, client, channel, **data):
        return client.post(self.url, {"action": "close", "_selected_action": channel.pk} | data)

    def test_it_asks_before_it_closes(self, client, seller, queued):
        client.force_login(make_member(is_staff=True, is_superuser=True))
        asked = self.close(client, seller.channel)
        assert seller.nickname in asked.content.decode()
        assert Channel.objects.get(member=seller).state == State.READY
        self.close(client, seller.channel, sure=1)
        assert Channel.objects.get(member=seller).state == State.CLOSING

    def test_a_running_show_is_said_and_nothing_closed(self, client, seller):
        make_broadcast(seller, status="live")
        client.force_login(make_member(is_staff=True, is_superuser=True))
        page = client.post(
            self.url, {"action": "close", "_selected_action": seller.channel.pk, "sure": 1}, follow=True
        )
        assert "진행 중인 방송이 있어요" in page.content.decode()
        assert Channel.objects.get(member=seller).state == State.READY

    def test_staff_without_the_right_cannot(self, client, seller):
        client.force_login(make_member(is_staff=True))
        self.close(client, seller.channel, sure=1)
        assert Channel.objects.get(member=seller).state == State.READY


def test_the_owner_reads_that_it_is_closed(client, closing, seller):
    client.force_login(seller)
    page = client.get(reverse("broadcasts:ingest_card")).content.decode()
    assert "닫은 채널이에요" in page
    assert seller.channel.stream_key not in page
