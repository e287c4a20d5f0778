"""Recordings: which show they belong to, and which belong to none."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from broadcasts import tasks
from broadcasts.events import ReplayReady
from broadcasts.models import Broadcast, Channel, Recording
from broadcasts.moves import lock_broadcast, next_version
from broadcasts.replay import lead_ms, read_replay
from broadcasts.streaming import streaming
from common.events import send_on_commit

LOOSE_AFTER = timedelta(hours=24)


@transaction.atomic
def note_recording(
    channel: Channel,
    *,
    session_id: str,
    status: str,
    at: datetime,
    bucket: str,
    storage_key: str,
    duration_ms: int,
    stream_ids: Sequence[str],
) -> None:
    """Record what an event said of a recording; "recording" never overwrites how it ended.

    The addresses are derived from where it is stored (ProviderRefused for a bucket that is not ours).
    """
    addresses = streaming().recording_addresses(bucket, storage_key)
    recording, fresh = Recording.objects.get_or_create(
        session_id=session_id,
        defaults={
            "channel": channel,
            "started_at": at - timedelta(milliseconds=duration_ms),
            "storage_bucket": bucket,
            "storage_key": storage_key,
        },
    )
    if status == Recording.Status.RECORDING:
        if not fresh:
            recording.started_at = min(
                recording.started_at, at
            )  # the end came first and could only estimate it
    elif recording.status == Recording.Status.RECORDING:
        recording.status = status
        recording.ended_at = at
        recording.duration_ms = duration_ms
        if status == Recording.Status.READY:
            recording.playback_url = addresses.playback_url
            recording.poster_url = addresses.poster_url
    recording.stream_ids = sorted({*recording.stream_ids, *stream_ids})
    recording.save()
    attach_recordings(channel)
    recording.refresh_from_db()
    recording.starts_at_ms = lead_ms(recording)
    recording.save(update_fields=["starts_at_ms"])
    if recording.status == Recording.Status.READY:
        transaction.on_commit(lambda: tasks.read_timeline.delay(recording.pk), robust=True)
        _announce_replay(recording)


@transaction.atomic
def attach_recordings(channel: Channel) -> None:
    """Give the channel's loose recordings to the newest show that was on air while they were made."""
    for recording in channel.recordings.filter(broadcast=None):
        shows = Broadcast.objects.filter(channel=channel).exclude(started_at=None).order_by("-started_at")[:5]
        for broadcast in shows:
            if recording.overlaps(broadcast.started_at, broadcast.ended_at):
                recording.broadcast = broadcast
                recording.save(update_fields=["broadcast"])
                break


def refresh_leads(channel: Channel, stream_id: str) -> None:
    """Count the leads of recordings with this stream anew: news of its ends may come after the recording's."""
    for recording in channel.recordings.exclude(broadcast=None).order_by("-started_at")[:5]:
        lead = lead_ms(recording)
        if stream_id in recording.stream_ids and lead != recording.starts_at_ms:
            recording.starts_at_ms = lead
            recording.save(update_fields=["starts_at_ms"])


def replay_moment(broadcast: Broadcast, at: datetime) -> tuple[int, int] | None:
    """Return (part, ms from where that part of the replay begins) of a moment of a show; None without a replay.

    A moment that no recording has is taken for the end of the part before it.
    """
    replay = read_replay(broadcast)
    if replay is None:
        return None
    place = replay.place_of(at)
    return place.part, place.ms


def _announce_replay(recording: Recording) -> None:
    if recording.broadcast_id is None:
        return
    broadcast = lock_broadcast(recording.broadcast_id)
    if broadcast.status == Broadcast.Status.ENDED:
        send_on_commit(broadcast.room, ReplayReady(version=next_version(broadcast)))


def delete_loose_recordings() -> int:
    """Delete finished recordings of no show after a day (encoder tests and rehearsals); return how many."""
    before = timezone.now() - LOOSE_AFTER
    loose = Recording.objects.filter(broadcast=None, ended_at__lt=before)[:200]
    for recording in loose:
        streaming().delete_recording(recording.storage_key)
        recording.delete()
    return len(loose)
