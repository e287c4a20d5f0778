"""Recordings: which show they belong to, and which belong to none."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from broadcasts.events import ReplayReady
from broadcasts.models import Broadcast, Channel, Recording
from broadcasts.moves import lock_broadcast, next_version
from broadcasts.streaming import streaming
from common.events import send_on_commit

logger = logging.getLogger(__name__)

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
    recording.save()
    attach_recordings(channel)
    if recording.status == Recording.Status.READY:
        _announce_replay(recording.pk)


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


def _announce_replay(recording_id: int) -> None:
    recording = Recording.objects.get(pk=recording_id)
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
