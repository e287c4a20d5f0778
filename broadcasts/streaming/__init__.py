from typing import cast

from broadcasts.streaming.base import LiveStreaming
from common.providers import provider


def streaming() -> LiveStreaming:
    """Return the site's live-streaming provider."""
    return cast(LiveStreaming, provider("LIVE_STREAMING"))
