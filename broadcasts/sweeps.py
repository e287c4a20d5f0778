"""What periodic tasks look after: nothing stays on air, or unfinished, because an event got lost."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from broadcasts.actions import end_broadcast
from broadcasts.models import Broadcast, Channel, StreamSession
from broadcasts.moves import Status, lock_broadcast
from broadcasts.on_air import note_samples
from broadcasts.signal import lock_channel, note_health, note_stream
from broadcasts.streaming import streaming
from broadcasts.streaming.base import LiveStream
from common.presence import count_viewers

SETTLED_AFTER = timedelta(seconds=10)
"""A stream younger than this may be on at the provider while its event is still on the way, or the reverse."""


def check_streams() -> None:
    """Ask the provider, in one call, which streams are on, and mend what lost events left wrong."""
    asked_at = timezone.now()
    streams = streaming().live_streams()
    on = {stream.stream_id for stream in streams}
    believed_on = StreamSession.objects.filter(ended_at=None, started_at__lt=asked_at - SETTLED_AFTER)
    gone = believed_on.exclude(stream_id__in=on).select_related("channel")
    for session in gone[:500]:
        _note(session.channel.provider_ref or "", session.stream_id, ended_at=asked_at)
    known = set(StreamSession.objects.filter(stream_id__in=on).values_list("stream_id", flat=True))
    for stream in streams:
        if stream.stream_id not in known and stream.started_at < asked_at - SETTLED_AFTER:
            _note(stream.ref, stream.stream_id, started_at=stream.started_at)
    _note_starvation(streams, asked_at)
    _note_provider_peaks(streams)
    note_samples(streams)


@transaction.atomic
def _note(ref: str, stream_id: str, **ends: datetime) -> None:
    if channel := lock_channel(ref):
        note_stream(channel, stream_id, **ends)


def _note_starvation(streams: list[LiveStream], at: datetime) -> None:
    """Mend what lost health events left wrong, where the provider tells how a stream is."""
    told = {stream.ref: stream.is_starving for stream in streams if stream.is_starving is not None}
    for channel in Channel.objects.filter(provider_ref__in=told):
        ref = channel.provider_ref or ""
        if channel.health.get("starvation", {}).get("on", False) == told[ref]:
            continue
        with transaction.atomic():
            if locked := lock_channel(ref):
                note_health(locked, "starvation", on=told[ref], at=at)


def _note_provider_peaks(streams: list[LiveStream]) -> None:
    """Keep the highest count of those who watch at the provider: some never open a socket to us."""
    counts = {stream.ref: stream.viewers for stream in streams if stream.viewers}
    for show in Broadcast.objects.on_air().filter(channel__provider_ref__in=counts).select_related("channel"):
        count = counts[show.channel.provider_ref or ""]
        if count > show.peak_viewers:
            Broadcast.objects.filter(pk=show.pk).update(peak_viewers=Greatest(F("peak_viewers"), count))


def note_peaks() -> None:
    """Keep each running show's highest viewer count."""
    shows = list(Broadcast.objects.on_air()[:500])
    counts = count_viewers([show.room for show in shows])
    for show in shows:
        if counts[show.room] > show.peak_viewers:
            Broadcast.objects.filter(pk=show.pk).update(
                peak_viewers=Greatest(F("peak_viewers"), counts[show.room])
            )


def end_silent_broadcasts() -> int:
    """End shows without a picture for longer than SIGNAL_TIMEOUT_SECONDS; return how many."""
    deadline = timezone.now() - timedelta(seconds=settings.SIGNAL_TIMEOUT_SECONDS)
    silent = Broadcast.objects.filter(status=Status.RECONNECTING, signal_lost_at__lt=deadline)
    return sum(_end_if_silent(pk, deadline) for pk in silent.values_list("pk", flat=True)[:100])


@transaction.atomic
def _end_if_silent(broadcast_id: int, deadline: datetime) -> bool:
    """End a show that is still without a picture: since the query it may have come back, even gone again."""
    broadcast = lock_broadcast(broadcast_id)
    lost_at = broadcast.signal_lost_at
    if broadcast.status != Status.RECONNECTING or lost_at is None or lost_at >= deadline:
        return False
    end_broadcast(broadcast_id)
    return True
