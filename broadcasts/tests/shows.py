"""Ended shows with a recording: what the tests of replays begin with."""

from datetime import datetime, timedelta

from django.utils import timezone

from broadcasts.models import Broadcast, Recording, StreamSession

START = datetime(2026, 11, 21, 11, 0, tzinfo=timezone.get_fixed_timezone(540))
"""When the shows of these tests went on the air."""


def record(
    show: Broadcast, *, lead_seconds: int = 0, gap: tuple[int, int] | None = None, seconds: int = 600
) -> Recording:
    """Let the show be over and recorded: from `lead_seconds` before START on, but for a gap (from, to)."""
    begin = START - timedelta(seconds=lead_seconds)
    cuts = [begin, *(START + timedelta(seconds=at) for at in gap or ()), START + timedelta(seconds=seconds)]
    ids = []
    for number, (since, until) in enumerate(zip(cuts[::2], cuts[1::2], strict=True)):
        ids.append(f"st-{show.code}-{number}")
        StreamSession.objects.create(
            channel=show.channel, stream_id=ids[-1], started_at=since, ended_at=until
        )
    length = sum((b - a for a, b in zip(cuts[::2], cuts[1::2], strict=True)), timedelta())
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=START + timedelta(seconds=seconds))
    show.refresh_from_db()
    return Recording.objects.create(
        channel=show.channel,
        broadcast=show,
        session_id=f"session-{show.code}",
        status="ready",
        started_at=begin,
        ended_at=cuts[-1],
        duration_ms=length / timedelta(milliseconds=1),
        starts_at_ms=lead_seconds * 1000,
        stream_ids=ids,
        storage_bucket="local",
        storage_key=f"recordings/x/{show.code}",
        playback_url="https://video.example.com/master.m3u8",
    )
