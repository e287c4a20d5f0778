"""Whether a channel is receiving a picture, concluded from what events said of its streams, in whatever order."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from broadcasts.models import Broadcast, Channel, StreamSession
from broadcasts.moves import Status, move_broadcast
from broadcasts.recordings import attach_recordings, refresh_leads


def lock_channel(provider_ref: str) -> Channel | None:
    """Return the channel a provider's event is about, held until the transaction ends; None if not ours (yet)."""
    return Channel.objects.select_for_update().filter(provider_ref=provider_ref).first()


@transaction.atomic
def note_stream(
    channel: Channel, stream_id: str, *, started_at: datetime | None = None, ended_at: datetime | None = None
) -> None:
    """Record one end of a stream (by the provider's clock the earliest that is told) and what follows for the channel.

    The caller holds the channel's row.
    """
    session, _ = StreamSession.objects.get_or_create(stream_id=stream_id, defaults={"channel": channel})
    session.started_at = min(filter(None, [session.started_at, started_at]), default=None)
    session.ended_at = min(filter(None, [session.ended_at, ended_at]), default=None)
    session.save(update_fields=["started_at", "ended_at"])
    open_sessions = channel.sessions.filter(ended_at=None).exclude(started_at=None)
    signal = Channel.Signal.RECEIVING if open_sessions.exists() else Channel.Signal.OFFLINE
    if signal != channel.signal:
        channel.signal = signal
        channel.signal_changed_at = timezone.now()
        channel.save(update_fields=["signal", "signal_changed_at"])
    follow_signal(channel)
    refresh_leads(channel, stream_id)


@transaction.atomic
def follow_signal(channel: Channel) -> None:
    """Bring the channel's open broadcast in line with its signal. The caller holds the channel's row."""
    broadcast = Broadcast.objects.filter(channel=channel, status__in=Broadcast.OPEN).first()
    if broadcast is None:
        return
    receiving = channel.signal == Channel.Signal.RECEIVING
    if receiving and broadcast.status in (Status.STARTING, Status.RECONNECTING):
        move_broadcast(broadcast.pk, Status.LIVE)
        attach_recordings(channel)
    elif not receiving and broadcast.status == Status.LIVE:
        move_broadcast(broadcast.pk, Status.RECONNECTING)


@transaction.atomic
def note_health(channel: Channel, code: str, *, on: bool, at: datetime) -> None:
    """Keep the newest news about one kind of problem (`broadcasts.problems`). The caller holds the channel's row."""
    known = channel.health.get(code)
    if known and datetime.fromisoformat(known["at"]) > at:
        return
    channel.health[code] = {"on": on, "at": at.isoformat()}
    channel.save(update_fields=["health"])
