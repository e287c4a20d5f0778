"""How much one member, and one socket, may send."""

import logging
from uuid import UUID

import redis
from django.conf import settings

from chat.refusals import TooFast
from common.redis_client import redis_client

logger = logging.getLogger(__name__)

WINDOW_MS = 10_000
FRAME_MAX_CHARACTERS = 4096
FRAMES_AT_ONCE = 40  # a browser that returns sends its unanswered messages in one go
FRAMES_PER_SECOND = 5

# A log of the member's last messages: never more than the limit in any ten seconds, wherever they start. A
# message sent again is in it already and costs nothing. Answers 0 or the milliseconds to wait.
COUNT_MESSAGE = """
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local window, most = tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - window)
if redis.call("ZSCORE", KEYS[1], ARGV[1]) then return 0 end
if redis.call("ZCARD", KEYS[1]) >= most then
  return tonumber(redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")[2]) + window - now
end
redis.call("ZADD", KEYS[1], now, ARGV[1])
redis.call("PEXPIRE", KEYS[1], window)
return 0
"""


def count_message(member: str, key: UUID) -> None:
    """Count a message of the member (a code), over all processes. Raises TooFast.

    Without Redis nobody is refused: the chat then does without limits rather than without messages.
    """
    try:
        wait_ms = redis_client().eval(
            COUNT_MESSAGE, 1, f"said:{member}", str(key), WINDOW_MS, settings.CHAT_RATE_PER_10_SECONDS
        )
    except redis.RedisError:
        logger.warning("chat messages are not limited", exc_info=True)
        return
    if wait_ms:
        raise TooFast(int(wait_ms))


class FrameAllowance:
    """What one socket may still send: FRAMES_AT_ONCE, growing back by FRAMES_PER_SECOND."""

    def __init__(self, now: float) -> None:
        self._left = float(FRAMES_AT_ONCE)
        self._at = now

    def take(self, now: float) -> bool:
        """Take one frame at the moment `now` (seconds), and say whether there was one left."""
        self._left = min(FRAMES_AT_ONCE, self._left + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
