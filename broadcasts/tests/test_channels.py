"""A member has exactly one channel at the provider, whatever fails or runs twice."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from broadcasts import channels, periodic, tasks
from broadcasts.actions import ChannelNotReady, rotate_stream_key
from broadcasts.models import Channel, LocalChannel
from broadcasts.streaming import streaming
from broadcasts.streaming.base import LiveStreaming, ProviderChannel
from broadcasts.streaming.local import LocalStreaming
from common.errors import ProviderError
from tests.makers import make_member


@pytest.fixture
def waiting_channel(db):
    """A channel whose provider part is not made yet."""
    member = make_member()
    LocalChannel.objects.all().delete()
    Channel.objects.filter(member=member).delete()
    return Channel.objects.create(member=member)


class ForgetfulProvider(LiveStreaming):
    """Like the real ones: looks a name up, then creates, with time in between, and no idempotency of its own."""

    def __init__(self):
        self.made = []

    def create_channel(self, name):
        known = name in self.made
        time.sleep(0.3)
        if not known:
            self.made.append(name)
        return ProviderChannel(
            ref=f"ref-{name}",
            ingest_url="rtmp://x/live",
            playback_url="http://x",
            picture_url="",
            stream_key="k",
        )


def test_it_keeps_what_the_provider_says(waiting_channel):
    channels.prepare_channel(waiting_channel.pk)
    channel = Channel.objects.get(pk=waiting_channel.pk)
    provider_side = LocalChannel.objects.get()
    assert channel.state == "ready"
    assert channel.provider_ref == provider_side.ref
    assert channel.stream_key == provider_side.stream_key
    assert channel.ingest_url == "rtmp://localhost:1935/live"
    assert channel.playback_url.endswith(f"/live/{provider_side.playback_id}/index.m3u8")
    assert channel.stream_key not in channel.playback_url + channel.picture_url + channel.provider_ref
    assert channel.claimed_until is None


def test_the_stream_key_is_encrypted_at_rest(waiting_channel):
    channels.prepare_channel(waiting_channel.pk)
    channel = Channel.objects.get(pk=waiting_channel.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stream_key FROM broadcasts_channel")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT stream_key FROM broadcasts_localchannel")
        stored_at_provider = cursor.fetchone()[0]
    assert channel.stream_key.startswith("live_")
    assert channel.stream_key not in stored + stored_at_provider
    assert channel.masked_key.endswith(channel.stream_key[-4:])
    assert channel.stream_key[:-4] not in channel.masked_key


def test_the_key_is_found_by_its_digest_only(waiting_channel):
    channels.prepare_channel(waiting_channel.pk)
    key = Channel.objects.get(pk=waiting_channel.pk).stream_key
    assert LocalChannel.objects.by_stream_key(key) == LocalChannel.objects.get()
    assert LocalChannel.objects.by_stream_key(key + "x") is None
    assert LocalChannel.objects.by_stream_key("") is None


def test_running_twice_makes_one_channel(waiting_channel):
    channels.prepare_channel(waiting_channel.pk)
    before = Channel.objects.get(pk=waiting_channel.pk)
    channels.prepare_channel(waiting_channel.pk)
    after = Channel.objects.get(pk=waiting_channel.pk)
    assert LocalChannel.objects.count() == 1
    assert (before.provider_ref, before.stream_key) == (after.provider_ref, after.stream_key)


def test_a_run_that_died_after_the_provider_answered_finds_the_same_channel_again(waiting_channel):
    made = streaming().create_channel(waiting_channel.provider_name)
    Channel.objects.filter(pk=waiting_channel.pk).update(
        claimed_until=timezone.now() - timedelta(seconds=1)
    )  # what the dead run left
    channels.prepare_channel(waiting_channel.pk)
    assert LocalChannel.objects.count() == 1
    assert Channel.objects.get(pk=waiting_channel.pk).stream_key == made.stream_key


def test_a_running_claim_keeps_others_away(waiting_channel):
    with channels.claim(waiting_channel.pk), pytest.raises(channels.ChannelBusy):
        channels.prepare_channel(waiting_channel.pk)
    assert not LocalChannel.objects.exists()


def test_the_provider_being_down_is_noted_and_retried(waiting_channel, monkeypatch):
    def down(self, name):
        raise ProviderError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(LocalStreaming, "create_channel", down)
        with pytest.raises(ProviderError):
            channels.prepare_channel(waiting_channel.pk)
    channel = Channel.objects.get(pk=waiting_channel.pk)
    assert (channel.state, channel.claimed_until) == ("preparing", None)
    assert "connection refused" in channel.last_error
    assert ProviderError in tasks.prepare_channel.autoretry_for
    channels.prepare_channel(waiting_channel.pk)
    channel.refresh_from_db()
    assert (channel.state, channel.last_error) == ("ready", "")


def test_the_periodic_task_picks_up_leftovers_only(waiting_channel, monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.prepare_channel, "delay", queued.append)
    periodic.prepare_leftover_channels()
    assert queued == []  # its own task may still be on the way
    Channel.objects.filter(pk=waiting_channel.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    periodic.prepare_leftover_channels()
    assert queued == [waiting_channel.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_ten_tasks_at_once_make_exactly_one_channel(guarded, monkeypatch):
    channel = _bare_channel()
    fake = ForgetfulProvider()
    monkeypatch.setattr(channels, "streaming", lambda: fake)
    if not guarded:  # shows that the test can see a second channel
        monkeypatch.setattr(channels, "claim", _no_claim)
    gate = threading.Barrier(10)
    outcomes = []

    def work():
        gate.wait(10)
        try:
            channels.prepare_channel(channel.pk)
            outcomes.append("made")
        except channels.ChannelBusy:
            outcomes.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(outcomes) == 10
    assert Channel.objects.get(pk=channel.pk).state == "ready"
    if guarded:
        assert fake.made == [channel.provider_name]
    else:
        assert len(fake.made) > 1


def _bare_channel():
    member = make_member()
    Channel.objects.all().delete()
    return Channel.objects.create(member=member)


class _no_claim:
    def __init__(self, channel_id):
        self.channel_id = channel_id

    def __enter__(self):
        return Channel.objects.get(pk=self.channel_id)

    def __exit__(self, *error):
        return None


def test_rotating_replaces_the_key_and_drops_the_publisher(db, monkeypatch):
    dropped = []
    monkeypatch.setattr(tasks.disconnect_publisher, "delay", dropped.append)
    channel = make_member().channel
    old = channel.stream_key
    rotate_stream_key(channel.pk)
    channel.refresh_from_db()
    assert channel.stream_key != old
    assert LocalChannel.objects.by_stream_key(old) is None
    assert LocalChannel.objects.by_stream_key(channel.stream_key).ref == channel.provider_ref
    assert dropped == [channel.pk]


def test_a_channel_in_preparation_has_no_key_to_rotate(waiting_channel):
    with pytest.raises(ChannelNotReady):
        rotate_stream_key(waiting_channel.pk)
    assert Channel.objects.get(pk=waiting_channel.pk).claimed_until is None
