"""The address of a live picture, as a player gets it."""

from broadcasts.models import Channel
from broadcasts.streaming import streaming


def live_address(channel: Channel) -> str:
    """Return where the channel's picture plays right now; "" while it has no address.

    Made anew for every page and event, never kept: a private channel's carries a token of a few minutes.
    """
    if not channel.provider_ref or not channel.playback_url:
        return ""
    return streaming().playback_address(channel.provider_ref, channel.playback_url)
