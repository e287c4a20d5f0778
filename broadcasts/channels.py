"""A member's channel at the provider: one caller at a time, one channel however often it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from broadcasts.models import Channel, Recording
from broadcasts.streaming import streaming
from broadcasts.streaming.base import StillLive
from common.errors import DomainError, ProviderError

CLAIM = timedelta(seconds=60)
"""Longer than any provider call with its retries takes: see the adapters' timeouts."""
LAST_NEWS = timedelta(minutes=10)
"""So long after its last picture, a recording that still waits for its end waits for an event that got lost."""

PROVIDER_FIELDS = ["provider_ref", "ingest_url", "stream_key", "playback_url", "picture_url"]


class ChannelBusy(DomainError):
    """Somebody else is talking to the provider about this channel."""

    code = "channel_busy"


@contextmanager
def claim(channel_id: int) -> Iterator[Channel]:
    """Be the only one who calls the provider for this channel; ChannelBusy if somebody else is.

    A conditional UPDATE rather than a row lock: the provider is called outside any transaction. The claim of a
    process that died runs out by itself.
    """
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if not Channel.objects.filter(free, pk=channel_id).update(claimed_until=now + CLAIM):
        raise ChannelBusy(_("채널을 바꾸는 중이에요. 잠시 뒤에 다시 시도해 주세요."))
    try:
        yield Channel.objects.get(pk=channel_id)
    finally:
        Channel.objects.filter(pk=channel_id).update(claimed_until=None)


def prepare_channel(channel_id: int) -> None:
    """Make the channel at the provider and keep what it says. A quiet no-op when it is ready or given up.

    Raises ChannelBusy, ProviderError: in both cases try again later.
    """
    with claim(channel_id) as channel:
        if channel.state != Channel.State.PREPARING:
            return
        try:
            made = streaming().create_channel(channel.provider_name)
        except ProviderError as error:
            Channel.objects.filter(pk=channel_id).update(last_error=f"{type(error).__name__}: {error}"[:300])
            raise
        channel.provider_ref = made.ref
        channel.ingest_url, channel.stream_key = made.ingest_url, made.stream_key
        channel.playback_url, channel.picture_url = made.playback_url, made.picture_url
        channel.last_error = ""
        channel.save(update_fields=["last_error", *PROVIDER_FIELDS])
        # Only what was being prepared becomes ready: somebody may have begun to close it meanwhile.
        Channel.objects.filter(pk=channel_id, state=Channel.State.PREPARING).update(state=Channel.State.READY)


def mend_stream_key(channel_id: int) -> None:
    """Keep the stream key the provider has now, after a rotation of which nobody knows how far it came.

    Raises ChannelBusy, ProviderError: in both cases try again later.
    """
    with claim(channel_id) as channel:
        if channel.state == Channel.State.READY:
            channel.stream_key = streaming().create_channel(channel.provider_name).stream_key
            channel.save(update_fields=["stream_key"])


def close_at_provider(channel_id: int) -> None:
    """Delete a closing channel at the provider, once its last stream and recording have ended.

    A quiet no-op when it is done. Raises StillLive, ChannelBusy, ProviderError: in each case try again later.
    """
    with claim(channel_id) as channel:
        if channel.state != Channel.State.CLOSING:
            return
        # Without a ref the channel was never ready; but a run that died may have made it at the provider.
        ref = channel.provider_ref or streaming().create_channel(channel.provider_name).ref
        streaming().stop(ref)
        if _has_news_to_come(channel):
            raise StillLive(f"{channel} waits for the end of its last stream")
        streaming().delete_channel(ref)
        for name in PROVIDER_FIELDS:
            setattr(channel, name, None if name == "provider_ref" else "")
        channel.state = Channel.State.CLOSED
        channel.health = {}
        channel.save(update_fields=["state", "health", *PROVIDER_FIELDS])


def _has_news_to_come(channel: Channel) -> bool:
    """Whether events are on the way that name this channel: unknown to us, they would find nobody."""
    if channel.signal == Channel.Signal.RECEIVING:
        return True
    heard = channel.signal_changed_at
    return (
        heard is not None
        and heard > timezone.now() - LAST_NEWS
        and channel.recordings.filter(status=Recording.Status.RECORDING).exists()
    )


def leftover_channel_ids(*, limit: int = 100) -> list[int]:
    """Return channels still waiting for the provider, oldest first."""
    before = timezone.now() - timedelta(seconds=30)
    waiting = Channel.objects.filter(state=Channel.State.PREPARING, created_at__lt=before)
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])


def closing_channel_ids(*, limit: int = 100) -> list[int]:
    """Return channels that are not closed at the provider yet, oldest first."""
    closing = Channel.objects.filter(state=Channel.State.CLOSING)
    return list(closing.order_by("created_at").values_list("pk", flat=True)[:limit])
