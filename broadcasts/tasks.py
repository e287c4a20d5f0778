"""Calls to the streaming provider, made outside every request and transaction, and tried again when they fail."""

import json

from celery import shared_task

from broadcasts import channels, timeline_reading
from broadcasts.models import Broadcast, Channel
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


@shared_task(name="broadcasts.mend_stream_key", **RETRY)
def mend_stream_key(channel_id: int) -> None:
    channels.mend_stream_key(channel_id)


@shared_task(name="broadcasts.close_channel", **RETRY)
def close_channel(channel_id: int) -> None:
    channels.close_at_provider(channel_id)


@shared_task(name="broadcasts.read_timeline", **RETRY)
def read_timeline(recording_id: int) -> None:
    timeline_reading.read_timeline(recording_id)


@shared_task(name="broadcasts.send_pin", expires=10, **(RETRY | {"max_retries": 2}))
def send_pin(broadcast_id: int) -> None:
    """Let the pin of right now travel with the picture, so that players can show it when viewers see it."""
    broadcast = Broadcast.objects.select_related("channel", "pinned_item__product").get(pk=broadcast_id)
    if broadcast.is_on_air and broadcast.channel.provider_ref:
        pinned = broadcast.pinned_item.product.code if broadcast.pinned_item else None
        cue = json.dumps({"pin": pinned, "v": broadcast.version})
        streaming().send_metadata(broadcast.channel.provider_ref, cue)
