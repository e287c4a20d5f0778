"""Calls to the streaming provider, made outside every request and transaction, and tried again when they fail."""

from celery import shared_task

from broadcasts import channels
from broadcasts.models import Channel
from broadcasts.streaming import streaming
from common.errors import ProviderError, ProviderRefused

RETRY = {
    "autoretry_for": (ProviderError, channels.ChannelBusy),
    "dont_autoretry_for": (ProviderRefused,),
    "max_retries": 8,
    "retry_backoff": 2,
    "retry_backoff_max": 120,
}


@shared_task(name="broadcasts.prepare_channel", **RETRY)
def prepare_channel(channel_id: int) -> None:
    channels.prepare_channel(channel_id)


@shared_task(name="broadcasts.disconnect_publisher", **RETRY)
def disconnect_publisher(channel_id: int) -> None:
    """Drop whoever still publishes with a key that was replaced."""
    channel = Channel.objects.get(pk=channel_id)
    if channel.provider_ref:
        streaming().disconnect(channel.provider_ref)


@shared_task(name="broadcasts.stop_stream", **RETRY)
def stop_stream(channel_id: int) -> None:
    """End the stream of a show that is over, unless the next one is open already."""
    channel = Channel.objects.get(pk=channel_id)
    if (
        channel.provider_ref
        and not channel.broadcasts.filter(status__in=channel.broadcasts.model.OPEN).exists()
    ):
        streaming().stop(channel.provider_ref)
