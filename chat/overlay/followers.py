"""New followers told to the overlay while the show is on the air, together once a second."""

import logging
import time
from typing import Any

import redis

from accounts.models import User
from broadcasts.models import Broadcast
from chat.gathering import gather, take_gathered
from chat.overlay.events import ChannelFollowed
from common.events import send_on_commit
from common.redis_client import redis_client

logger = logging.getLogger(__name__)

WHAT = "followers"
AGAIN_SECONDS = 24 * 60 * 60
"""Who leaves a channel and follows it again is told once in this time."""


def on_channel_followed(*, channel_id: int, member_id: int, **_: Any) -> None:  # noqa: ANN401 Django's
    """Have it told if the channel is on the air and has an overlay that shows it. One query, or two."""
    show = (
        Broadcast.objects.on_air()
        .filter(
            channel=channel_id, channel__overlay__digest__isnull=False, channel__overlay__shows_followers=True
        )
        .first()
    )
    if show and _is_first(channel_id, member_id):
        gather(WHAT, show.room, {"name": User.objects.get(pk=member_id).nickname})


def tell_followers() -> None:
    """Tell every room of the followers who wait for it, in one event each. Raises RedisError."""
    for followers in take_gathered(WHAT):
        told = ChannelFollowed(version=int(time.time() * 1000), count=followers.count, **followers.newest)
        send_on_commit(followers.room, told)


def _is_first(channel_id: int, member_id: int) -> bool:
    """Whether the member was not told of within AGAIN_SECONDS. Nothing is told without Redis anyway."""
    try:
        return bool(redis_client().set(f"followed:{channel_id}:{member_id}", 1, nx=True, ex=AGAIN_SECONDS))
    except redis.RedisError:
        logger.warning("follower not told", exc_info=True, extra={"channel": channel_id})
        return False
