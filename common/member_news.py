"""News for one member's open pages, over the channel layer: low in volume, private, best effort.

A page that was away asks for the state anew; so a Redis fault is logged and never undoes what was saved.
"""

import logging

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from common.events import RoomEvent, encode

logger = logging.getLogger(__name__)


def member_group(member_id: int) -> str:
    """Return the channel-layer group that a member's sockets join."""
    return f"member.{member_id}"


def tell_member_on_commit(member_id: int, event: RoomEvent) -> None:
    """Tell the member's open pages after the running transaction commits (at once when there is none)."""
    transaction.on_commit(lambda: _send(member_id, event), robust=True)


def _send(member_id: int, event: RoomEvent) -> None:
    message = {"type": "member.news", "text": encode(event)}
    try:
        async_to_sync(get_channel_layer().group_send)(member_group(member_id), message)
    except (redis.RedisError, OSError):
        logger.warning("member news not delivered", exc_info=True, extra={"event": event.type})
