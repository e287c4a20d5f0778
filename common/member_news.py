"""News for one member's open pages, over the channel layer: low in volume, private, best effort.

A page that was away asks for the state anew; so a Redis fault is logged and never undoes what was saved.
"""

import hashlib
import logging
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.db import transaction

from common.events import RoomEvent, encode
from common.redis_client import redis_client

logger = logging.getLogger(__name__)


def member_group(member_id: int) -> str:
    """Return the channel-layer group that a member's sockets join."""
    return f"member.{member_id}"


def tell_member_on_commit(member_id: int, event: RoomEvent) -> None:
    """Tell the member's open pages after the running transaction commits (at once when there is none)."""
    message = {"type": "member.news", "text": encode(event)}
    transaction.on_commit(lambda: _send(member_id, message), robust=True)


def close_sockets_of_session(member_id: int, session_key: str) -> None:
    """Close the sockets of a session that is over: its pages may not be the member's any more."""
    _send(member_id, {"type": "member.signed_out", "session": session_digest(session_key)})


def session_digest(session_key: str) -> str:
    """Return what a session is called in messages, which must not carry its key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _send(member_id: int, message: dict[str, Any]) -> None:
    """Publish under the layer's own name for a group, as channels-redis does (`RedisPubSubLoopLayer.group_send`).

    Its `group_send` is for running event loops: from plain code it costs a loop and a connection per message.
    """
    name = f"asgi__group__{member_group(member_id)}"
    try:
        redis_client().publish(name, get_channel_layer().serialize(message))
    except redis.RedisError:
        logger.warning("member news not delivered", exc_info=True, extra={"message_type": message["type"]})
