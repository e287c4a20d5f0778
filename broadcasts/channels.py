"""A member's channel at the provider: one caller at a time, one channel however often it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from broadcasts.models import Channel
from broadcasts.streaming import streaming
from common.errors import DomainError, ProviderError

CLAIM = timedelta(seconds=60)
"""Longer than any provider call with its retries takes: see the adapters' timeouts."""


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
    """Make the channel at the provider and keep what it says. A quiet no-op when it is ready.

    Raises ChannelBusy, ProviderError: in both cases try again later.
    """
    with claim(channel_id) as channel:
        if channel.state == Channel.State.READY:
            return
        try:
            made = streaming().create_channel(channel.provider_name)
        except ProviderError as error:
            Channel.objects.filter(pk=channel_id).update(last_error=f"{type(error).__name__}: {error}"[:300])
            raise
        channel.provider_ref = made.ref
        channel.ingest_url, channel.stream_key = made.ingest_url, made.stream_key
        channel.playback_url, channel.picture_url = made.playback_url, made.picture_url
        channel.state = Channel.State.READY
        channel.last_error = ""
        channel.save(update_fields=["state", "last_error", *PROVIDER_FIELDS])


def leftover_channel_ids(*, limit: int = 100) -> list[int]:
    """Return channels still waiting for the provider, oldest first."""
    before = timezone.now() - timedelta(seconds=30)
    waiting = Channel.objects.filter(state=Channel.State.PREPARING, created_at__lt=before)
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])
