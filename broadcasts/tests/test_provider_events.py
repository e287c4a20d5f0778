"""Whatever order events come in, however often, the end state is that of the complete history."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcasts import sweeps
from broadcasts.actions import end_broadcast, start_broadcast
from broadcasts.models import Broadcast, Channel, Recording
from broadcasts.streaming.base import LiveStream
from broadcasts.streaming.local import LocalStreaming
from common.errors import ProviderError, ProviderRefused
from media_pipeline import applying, inbox
from media_pipeline.models import ProviderEvent
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES = sorted((Path(__file__).parent / "events").glob("*.json"))
KEY_PREFIX = "recordings/p1/s1"


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def on_air(seller):
    """A show the seller started with a picture there."""
    broadcast = make_broadcast(seller)
    send(stream(seller, "Stream Start", "st-1", 0))
    start_broadcast(broadcast.pk, by=seller)
    return broadcast


def envelope(seller, event_type, detail, at=0):
    return {
        "version": "0",
        "id": f"{event_type}-{at}-{sorted(detail.items())}"[:80],
        "detail-type": event_type,
        "source": "livecommerce.ingest",
        "account": "local",
        "time": (T0 + timedelta(seconds=at)).isoformat().replace("+00:00", "Z"),
        "region": "local",
        "resources": [seller.channel.provider_ref],
        "detail": detail,
    }


def stream(seller, name, stream_id, at, **extra):
    detail = {"event_name": name, "stream_id": stream_id, "channel_name": "x", **extra}
    return envelope(seller, "IVS Stream State Change", detail, at)


def recording(seller, status, at, duration_ms=0, session="rec-1", bucket="local", streams=("st-1",)):
    detail = {
        "recording_status": status,
        "recording_s3_bucket_name": bucket,
        "recording_s3_key_prefix": KEY_PREFIX,
        "recording_duration_ms": duration_ms,
        "recording_session_id": session,
        "recording_session_stream_ids": list(streams),
        "stream_id": "st-1",
    }
    return envelope(seller, "IVS Recording State Change", detail, at)


def send(event):
    """Through the door and applied, as the worker would."""
    inbox.accept(event)
    row = ProviderEvent.objects.get(source=event["source"], event_id=event["id"])
    applying.apply(row.pk)


def signal_of(seller):
    return Channel.objects.get(member=seller).signal


def test_a_stream_start_makes_the_channel_receive_and_its_end_stop(seller):
    send(stream(seller, "Stream Start", "st-1", 0))
    assert signal_of(seller) == "receiving"
    send(stream(seller, "Stream End", "st-1", 60))
    assert signal_of(seller) == "offline"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_two_streams_in_any_order_and_doubled_end_offline(seller, order):
    events = [
        stream(seller, "Stream Start", "st-1", 0),
        stream(seller, "Stream End", "st-1", 10),
        stream(seller, "Stream Start", "st-2", 12),
        stream(seller, "Stream End", "st-2", 30),
    ]
    for index in [*order, *order]:
        send(events[index])
    assert signal_of(seller) == "offline"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_an_old_stream_ending_late_does_not_take_the_new_one_down(seller, order):
    events = [
        stream(seller, "Stream Start", "st-1", 0),
        stream(seller, "Stream End", "st-1", 10),
        stream(seller, "Stream Start", "st-2", 9),
    ]
    for index in order:
        send(events[index])
    assert signal_of(seller) == "receiving"


def test_a_show_starts_when_the_picture_arrives(seller):
    broadcast = make_broadcast(seller)
    start_broadcast(broadcast.pk, by=seller)
    broadcast.refresh_from_db()
    assert broadcast.status == "starting"
    send(stream(seller, "Stream Start", "st-1", 0))
    broadcast.refresh_from_db()
    assert broadcast.status == "live"
    assert broadcast.started_at is not None


def test_a_dropped_encoder_means_reconnecting_and_its_return_live_again(seller, on_air):
    started_at = Broadcast.objects.get().started_at
    send(stream(seller, "Stream End", "st-1", 60))
    on_air.refresh_from_db()
    assert (on_air.status, on_air.is_on_air) == ("reconnecting", True)
    assert on_air.signal_lost_at is not None
    send(stream(seller, "Stream Start", "st-2", 80))
    on_air.refresh_from_db()
    assert (on_air.status, on_air.signal_lost_at, on_air.started_at) == ("live", None, started_at)


def test_an_ended_show_stays_ended_whatever_comes_late(seller, on_air):
    end_broadcast(on_air.pk, by=seller)
    send(stream(seller, "Stream End", "st-1", 60))
    send(stream(seller, "Stream Start", "st-2", 80))
    on_air.refresh_from_db()
    assert on_air.status == "ended"


def test_a_refused_publish_tells_the_seller_and_leaves_the_running_stream(seller, on_air):
    now = datetime.now(UTC)
    failure = stream(seller, "Stream Failure", "st-9", 70, code="unsupported_video_codec", reason="HEVC")
    failure["time"] = now.isoformat()
    send(failure)
    channel = Channel.objects.get(member=seller)
    assert channel.signal == "receiving"
    assert [problem.code for problem in channel.problems] == ["unsupported_video_codec"]
    assert "H.264" in channel.problems[0].advice


def test_health_news_apply_in_the_order_they_happened(seller):
    def health(name, at):
        return envelope(seller, "IVS Stream Health Change", {"event_name": name, "stream_id": "st-1"}, at)

    send(health("Starvation End", 20))
    send(health("Starvation Start", 10))
    assert Channel.objects.get(member=seller).problems == []
    send(health("Keyframe Interval High", 30))
    send(health("Starvation Start", 40))
    problems = Channel.objects.get(member=seller).problems
    assert [(problem.code, problem.level) for problem in problems] == [
        ("starvation", "bad"),
        ("keyframe_interval", "warn"),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_a_finished_recording_becomes_the_replay_whichever_event_comes_first(seller, on_air, order):
    end_broadcast(on_air.pk, by=seller)
    started = (Broadcast.objects.get().started_at - T0).total_seconds()
    events = [
        recording(seller, "Recording Start", started - 5),
        recording(seller, "Recording End", started + 55, duration_ms=60_000),
    ]
    for index in order:
        send(events[index])
    made = Recording.objects.get()
    assert (made.status, made.duration_ms, made.broadcast_id) == ("ready", 60_000, on_air.pk)
    assert made.playback_url.endswith(f"/{KEY_PREFIX}/media/hls/master.m3u8")
    assert made.storage_key == KEY_PREFIX
    assert list(Broadcast.objects.replayable()) == [on_air]


def test_the_replay_begins_with_the_show_whatever_the_encoder_did_before(seller):
    """A test of 10 s, a pause of 30 s, and 5 s of picture before going live: 15 s of the recording come first."""
    broadcast = make_broadcast(seller)
    for event in [
        stream(seller, "Stream Start", "st-1", 0),
        stream(seller, "Stream End", "st-1", 10),
        stream(seller, "Stream Start", "st-2", 40),
    ]:
        send(event)
    start_broadcast(broadcast.pk, by=seller)
    Broadcast.objects.update(started_at=T0 + timedelta(seconds=45))
    send(recording(seller, "Recording Start", 0))
    end_broadcast(broadcast.pk, by=seller)
    send(recording(seller, "Recording End", 100, duration_ms=70_000, streams=["st-1", "st-2"]))
    assert Recording.objects.get().starts_at_ms == 15_000


def test_a_recording_under_way_is_no_replay(seller, on_air):
    started = (Broadcast.objects.get().started_at - T0).total_seconds()
    send(recording(seller, "Recording Start", started))
    end_broadcast(on_air.pk, by=seller)
    assert list(Broadcast.objects.replayable()) == []


def test_recordings_in_foreign_buckets_are_refused(seller):
    with pytest.raises(ProviderRefused):
        send(recording(seller, "Recording End", 60, duration_ms=1000, bucket="somebody-elses"))
    assert not Recording.objects.exists()


def test_a_recording_of_no_show_stays_loose(seller):
    send(recording(seller, "Recording Start", 0))
    send(recording(seller, "Recording End", 60, duration_ms=60_000))
    assert Recording.objects.get().broadcast is None


def test_an_event_for_a_channel_not_committed_yet_waits(seller):
    event = stream(seller, "Stream Start", "st-1", 0)
    event["resources"] = ["local:unknown"]
    inbox.accept(event)
    with pytest.raises(applying.NotYet):
        applying.apply(ProviderEvent.objects.get().pk)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_documented_ivs_envelope_applies(seller, path, monkeypatch):
    event = json.loads(path.read_text())
    if event["resources"]:
        event["resources"] = [seller.channel.provider_ref]
    if "recording_s3_bucket_name" in event["detail"]:
        event["detail"]["recording_s3_bucket_name"] = "local"
        event["detail"]["recording_s3_key_prefix"] = KEY_PREFIX
    send(event)
    assert ProviderEvent.objects.get().status == "applied"


class TestSweep:
    @pytest.fixture
    def provider_says(self, monkeypatch):
        answer = []
        monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: answer)
        return answer

    def test_a_stream_the_provider_no_longer_has_is_over(self, seller, on_air, provider_says):
        sweeps.check_streams()
        assert signal_of(seller) == "offline"
        on_air.refresh_from_db()
        assert on_air.status == "reconnecting"

    def test_a_stream_whose_start_event_was_lost_is_found(self, seller, provider_says):
        ref = seller.channel.provider_ref
        provider_says.append(LiveStream(ref=ref, stream_id="st-7", started_at=T0))
        sweeps.check_streams()
        assert signal_of(seller) == "receiving"

    def test_a_stream_that_is_on_stays_on(self, seller, on_air, provider_says):
        ref = seller.channel.provider_ref
        provider_says.append(LiveStream(ref=ref, stream_id="st-1", started_at=T0))
        sweeps.check_streams()
        assert signal_of(seller) == "receiving"

    def test_a_stream_that_began_just_now_is_left_alone(self, seller, provider_says):
        event = stream(seller, "Stream Start", "st-1", 0)
        event["time"] = datetime.now(UTC).isoformat()
        send(event)
        sweeps.check_streams()
        assert signal_of(seller) == "receiving"

    def test_no_answer_changes_nothing(self, seller, on_air, monkeypatch):
        def silent(self):
            raise ProviderError("timed out")

        monkeypatch.setattr(LocalStreaming, "live_streams", silent)
        with pytest.raises(ProviderError):
            sweeps.check_streams()
        assert signal_of(seller) == "receiving"

    def test_a_long_silence_ends_the_show(self, seller, on_air, settings):
        send(stream(seller, "Stream End", "st-1", 60))
        assert sweeps.end_silent_broadcasts() == 0
        lost_at = Broadcast.objects.get().signal_lost_at
        Broadcast.objects.update(
            signal_lost_at=lost_at - timedelta(seconds=settings.SIGNAL_TIMEOUT_SECONDS + 1)
        )
        assert sweeps.end_silent_broadcasts() == 1
        on_air.refresh_from_db()
        assert on_air.status == "ended"
