"""Whatever order events come in, doubled or with gaps, the end is that of the complete history told in order.

With gaps the periodic tasks ask the provider first. Histories are made of the documented samples and of what our own
ingest and transcoder add; Hypothesis chooses the orders.
"""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcasts import sweeps
from broadcasts.actions import start_broadcast
from broadcasts.models import Broadcast, Channel, Recording, StreamSession
from broadcasts.streaming.base import LiveStream
from broadcasts.streaming.local import LocalStreaming
from media_pipeline import applying, inbox, transcode_sweeps
from media_pipeline.ladder import video_folder
from media_pipeline.models import Asset, TranscodeAttempt
from media_pipeline.transcoding import transcoding
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[1]
T0 = datetime(2026, 1, 1, tzinfo=UTC)
Envelope = dict[str, Any]

orders = settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def sample(app: str, name: str, at: int, resource: str, **detail: object) -> Envelope:
    """A documented envelope, moved to `at` seconds of a history."""
    event: Envelope = json.loads((ROOT / app / "tests" / "events" / f"{name}.json").read_text())
    event["time"] = (T0 + timedelta(seconds=at)).isoformat()
    event["id"] = f"{name}-{at}"
    event["resources"] = [resource] if event["resources"] else []
    event["detail"] |= detail
    return event


def tell(events: list[Envelope]) -> None:
    """Let events in and apply them as the worker does, one after the other."""
    for event in events:
        inbox.accept(event)
        applying.apply_waiting(seconds=10)


@st.composite
def tellings(draw: st.DrawFn, count: int) -> list[int]:
    """An order of `count` events in which some come twice."""
    order = draw(st.permutations(range(count)))
    return [*order, *draw(st.lists(st.sampled_from(range(count)), max_size=4))]


def end_of(events: list[Envelope], state: Callable[[], Any], after: Callable[[], None] = lambda: None) -> Any:
    """Return the state after these events (and what a periodic task adds), and forget all of it."""
    with transaction.atomic():
        tell(events)
        after()
        result = state()
        transaction.set_rollback(True)
    return result


# --- A show -------------------------------------------------------------------------------------------------
class Show:
    """A seller who rehearsed at second 5 and is on air since 30; the encoder drops at 60 and comes back."""

    def __init__(self, *, still_on: bool) -> None:
        seller = make_member()
        self.channel = seller.channel
        self.show = make_broadcast(seller)
        tell([self.ivs("ivs-stream-start", 20)])
        start_broadcast(self.show.pk, by=seller)
        Broadcast.objects.filter(pk=self.show.pk).update(started_at=T0 + timedelta(seconds=30))
        self.still_on = still_on
        self.events = [
            self.ivs("ivs-stream-start", 5, stream_id="st-0"),
            self.recorded("ivs-recording-start", 6, 0, ["st-0"]),
            self.ivs("ivs-stream-end", 15, stream_id="st-0"),
            self.ivs("ivs-starvation-start", 40),
            self.ivs("ivs-starvation-end", 45),
            self.ivs("ivs-limit-breach", 50),
            self.ivs("ivs-limit-breach-no-channel", 51),
            self.ivs("ivs-stream-takeover", 52),
            self.ivs("ivs-stream-failure", 60),
            self.ivs("ivs-stream-end", 61),
            self.ivs("ivs-session-ended", 62),
            self.ivs("ivs-stream-start", 70, stream_id="st-2"),
            self.ours("IVS Stream Health Change", 75, event_name="Keyframe Interval High", keyframe_ms=9000),
            self.ours(
                "IVS Stream Health Change", 80, event_name="Keyframe Interval Normal", keyframe_ms=2000
            ),
        ]
        if not still_on:
            self.events += [
                self.ivs("ivs-stream-end", 100, stream_id="st-2"),
                self.recorded("ivs-recording-end", 101, 90_000, ["st-0", "st-1", "st-2"]),
            ]

    def ivs(self, name: str, at: int, *, stream_id: str = "st-1", **detail: object) -> Envelope:
        return sample("broadcasts", name, at, self.channel.provider_ref, stream_id=stream_id, **detail)

    def recorded(self, name: str, at: int, duration_ms: int, streams: list[str]) -> Envelope:
        return self.ivs(
            name,
            at,
            recording_s3_bucket_name="local",
            recording_s3_key_prefix="recordings/p/s",
            recording_duration_ms=duration_ms,
            recording_session_stream_ids=streams,
        )

    def ours(self, event_type: str, at: int, **detail: object) -> Envelope:
        """In the form of the built-in ingest, whose samples are its own tests' business."""
        event = self.ivs("ivs-starvation-start", at)
        return event | {
            "id": f"ours-{at}",
            "detail-type": event_type,
            "source": "livecommerce.ingest",
            "detail": {"stream_id": "st-2", **detail},
        }

    def answers(self) -> list[LiveStream]:
        """What the provider says when asked."""
        if not self.still_on:
            return []
        return [
            LiveStream(ref=self.channel.provider_ref, stream_id="st-2", started_at=T0 + timedelta(seconds=70))
        ]

    def picture(self) -> tuple[str, str]:
        return Channel.objects.get(pk=self.channel.pk).signal, Broadcast.objects.get(pk=self.show.pk).status

    def state(self) -> tuple[object, ...]:
        columns = (
            "session_id",
            "status",
            "broadcast",
            "started_at",
            "ended_at",
            "duration_ms",
            "starts_at_ms",
        )
        addresses = ("stream_ids", "storage_key", "playback_url", "poster_url")
        return (
            self.picture(),
            Channel.objects.get(pk=self.channel.pk).health,
            sorted(StreamSession.objects.values_list("stream_id", "started_at", "ended_at")),
            list(Recording.objects.values(*columns, *addresses)),
        )


@pytest.mark.parametrize("still_on", [True, False], ids=["on", "over"])
def test_a_show_ends_the_same_in_every_order(still_on):
    show = Show(still_on=still_on)
    expected = end_of(show.events, show.state)
    assert expected[0] == (("receiving", "live") if still_on else ("offline", "reconnecting"))
    assert expected[1]["starvation"]["on"] is False

    @orders
    @given(telling=tellings(len(show.events)))
    def every_order(telling):
        assert end_of([show.events[place] for place in telling], show.state) == expected

    every_order()


@pytest.mark.parametrize("still_on", [True, False], ids=["on", "over"])
def test_a_show_with_lost_events_is_right_once_the_provider_was_asked(still_on, monkeypatch):
    show = Show(still_on=still_on)
    expected = end_of(show.events, show.picture)
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: show.answers())

    @orders
    @given(telling=tellings(len(show.events)), lost=st.sets(st.sampled_from(range(len(show.events)))))
    def with_gaps(telling, lost):
        told = [show.events[place] for place in telling if place not in lost]
        assert end_of(told, show.picture, after=sweeps.check_streams) == expected

    with_gaps()


@orders
@given(telling=tellings(3))
def test_a_show_goes_on_air_when_the_picture_stays(telling):
    with transaction.atomic():
        seller = make_member()
        show = make_broadcast(seller)
        start_broadcast(show.pk, by=seller)
        ref = seller.channel.provider_ref
        events = [
            sample("broadcasts", "ivs-stream-start", 0, ref, stream_id="st-1"),
            sample("broadcasts", "ivs-stream-end", 10, ref, stream_id="st-1"),
            sample("broadcasts", "ivs-stream-start", 20, ref, stream_id="st-2"),
        ]
        tell([events[place] for place in telling])
        assert Broadcast.objects.get(pk=show.pk).status == "live"
        transaction.set_rollback(True)


# --- A video ------------------------------------------------------------------------------------------------
class Video:
    """A video whose first attempt was given up for a second one; both jobs report."""

    def __init__(self, ending: str) -> None:
        self.asset = Asset.objects.create(
            owner=make_member(),
            purpose=Asset.Purpose.VIDEO,
            name="film.mp4",
            status=Asset.Status.TRANSCODING,
            source_key="sources/x/y",
            duration_ms=180_000,
        )
        self.old, self.new = (
            TranscodeAttempt.objects.create(
                asset=self.asset, status=TranscodeAttempt.Status.SUBMITTED, job_id=f"job-{number}"
            )
            for number in (1, 2)
        )
        Asset.objects.filter(pk=self.asset.pk).update(attempt=self.new)
        self.ending = self.job(self.new, f"mediaconvert-{ending}", 60)
        self.events = [
            self.job(self.old, "mediaconvert-progressing", 1),
            self.job(self.old, "mediaconvert-complete", 30),
            self.job(self.new, "mediaconvert-input-information", 10),
            self.job(self.new, "mediaconvert-progressing", 11),
            self.job(self.new, "mediaconvert-queue-hop", 12),
            self.job(self.new, "mediaconvert-new-warning", 13),
            self.job(self.new, "mediaconvert-status-update", 20),
            self.ending,
        ]

    def job(self, attempt: TranscodeAttempt, name: str, at: int) -> Envelope:
        number = attempt.job_id
        event = sample(
            "media_pipeline", name, at, f"arn:aws:mediaconvert:us-east-1:1:jobs/{number}", jobId=number
        )
        event["id"] += number
        event["detail"]["userMetadata"] = {"app": "livecommerce", "attempt": str(attempt.pk)}
        for group in event["detail"].get("outputGroupDetails", []):
            if "playlistFilePaths" in group:
                group["playlistFilePaths"] = [f"s3://local/{video_folder(attempt)}/master.m3u8"]
        return event

    def look_up(self, job_id: str) -> Envelope:
        """What the transcoder says when asked: the same, in an envelope of its own."""
        return self.ending | {"id": str(uuid.uuid4())}

    def ask(self) -> None:
        long_ago = timezone.now() - timedelta(hours=1)
        TranscodeAttempt.objects.filter(pk=self.new.pk).update(heard_at=long_ago)
        transcode_sweeps.ask_about_silent()
        applying.apply_waiting(seconds=10)

    def state(self) -> tuple[object, ...]:
        wanted = (
            "status",
            "problem",
            "storage_key",
            "preview_key",
            "playback_url",
            "duration_ms",
            "poster_url",
        )
        attempt = TranscodeAttempt.objects.get(pk=self.new.pk)
        return (
            Asset.objects.values(*wanted).get(pk=self.asset.pk),
            (attempt.status, attempt.job_id, attempt.error_code),
        )


ENDINGS = {"complete": "ready", "error": "failed", "canceled": "failed"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_video_ends_the_same_in_every_order(ending):
    video = Video(ending)
    expected = end_of(video.events, video.state)
    assert expected[0]["status"] == ENDINGS[ending]

    @orders
    @given(telling=tellings(len(video.events)))
    def every_order(telling):
        assert end_of([video.events[place] for place in telling], video.state) == expected

    every_order()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_video_with_lost_events_is_right_once_the_transcoder_was_asked(ending, monkeypatch):
    video = Video(ending)
    expected = end_of(video.events, video.state)
    monkeypatch.setattr(transcoding(), "look_up", video.look_up)

    @orders
    @given(telling=tellings(len(video.events)), lost=st.sets(st.sampled_from(range(len(video.events)))))
    def with_gaps(telling, lost):
        told = [video.events[place] for place in telling if place not in lost]
        assert end_of(told, video.state, after=video.ask) == expected

    with_gaps()
