"""How much one member, one room and one socket may send."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import redis
from django.conf import settings

from chat.moderation.words import letters_of
from chat.refusals import Refusal, Repeated, RoomBusy, SaidByMany, SlowedDown, TooFast
from common.presence import count_viewers
from common.redis_client import redis_client

logger = logging.getLogger(__name__)

WINDOW_MS = 10_000
ROOM_PER_SECOND = 2000
"""Messages a room takes: more than anybody reads, less than would hold up the site's other rooms."""

SAME_WINDOW_MS = 30_000
LONG_TEXT = 10
"""Letters from which on nobody says the same by chance."""
SAME_BY_ONE = 3
SAME_SHORT_BY_ONE = 6
SAME_BY_MANY = 10
"""How many members may say the same long text within SAME_WINDOW_MS: in a large room a share of its viewers."""
SAME_BY_ONE_IN = 4
"""When the host asks for it, hardly more than one in so many viewers writes it down."""

FRAME_MAX_CHARACTERS = 4096
FRAMES_AT_ONCE = 40  # a browser that returns sends its unanswered messages in one go
FRAMES_PER_SECOND = 5
HEARTS_AT_ONCE = 40
HEARTS_PER_SECOND = 12  # nobody's thumb is faster for long

# Logs of the last times, by message or by member: never more than the limit in any window, wherever it starts. A
# message sent again is in its member's log already and costs nothing; a refused one is in none. Answers for each
# message which limit refuses it ("" for none) and the milliseconds to wait.
COUNT_MESSAGES = """
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local window, most, room_most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local same_window, by_many = tonumber(ARGV[4]), tonumber(ARGV[5])

local function wait_of(log, span, limit)
  redis.call("ZREMRANGEBYSCORE", log, "-inf", now - span)
  if redis.call("ZCARD", log) < limit then return 0 end
  return tonumber(redis.call("ZRANGE", log, 0, 0, "WITHSCORES")[2]) + span - now
end
local function note(log, what, span)
  redis.call("ZADD", log, now, what)
  redis.call("PEXPIRE", log, span)
end

-- by_one is 0 for those who may repeat themselves.
local function count(said, slow, same, many, key, member, slow_ms, by_one, is_long)
  if redis.call("ZSCORE", said, key) then return {"", 0} end
  local wait = wait_of(said, window, most)
  if wait > 0 then return {"rate", wait} end
  if slow_ms > 0 then
    wait = redis.call("PTTL", slow)
    if wait > 0 then return {"slow", wait} end
  end
  if by_one > 0 and wait_of(same, same_window, by_one) > 0 then return {"repeated", 0} end
  if is_long and wait_of(many, same_window, by_many) > 0 and not redis.call("ZSCORE", many, member) then
    return {"many", 0}
  end
  if redis.call("INCR", KEYS[1]) == 1 then redis.call("PEXPIRE", KEYS[1], 1000) end
  if tonumber(redis.call("GET", KEYS[1])) > room_most then
    return {"busy", math.max(1, redis.call("PTTL", KEYS[1]))}
  end
  note(said, key, window)
  if by_one > 0 then note(same, key, same_window) end
  if is_long then note(many, member, same_window) end
  if slow_ms > 0 then redis.call("SET", slow, key, "PX", slow_ms) end
  return {"", 0}
end

local answers = {}
for place = 1, (#KEYS - 1) / 4 do
  local k, a = 4 * place - 2, 5 * place + 1
  answers[place] = count(
    KEYS[k], KEYS[k + 1], KEYS[k + 2], KEYS[k + 3],
    ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), ARGV[a + 4] == "1")
end
return answers
"""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message to be counted. `member` is a code; `slow_seconds`: what they wait between two messages.

    `keeps_order`: the seller or a moderator, who may say the same as often as their rate allows.
    """

    member: str
    key: UUID
    text: str
    slow_seconds: int = 0
    keeps_order: bool = False


def count_messages(room: str, said: Sequence[Said]) -> list[Refusal | None]:
    """Count messages of a room in their order, over all processes; return for each why it is refused, if it is.

    One call to Redis, and one for the room's viewers if a long text is among them. Without Redis nobody is refused:
    the chat then does without limits rather than without messages.
    """
    if not said:
        return []
    gists = [gist_of(message.text) for message in said]
    keys: list[str] = [f"said-in:{room}"]
    values: list[str | int] = [
        *(WINDOW_MS, settings.CHAT_RATE_PER_10_SECONDS, ROOM_PER_SECOND),
        *(SAME_WINDOW_MS, _same_by_many(room) if any(is_long for _, is_long in gists) else SAME_BY_MANY),
    ]
    for message, (gist, is_long) in zip(said, gists, strict=True):
        by_one = SAME_BY_ONE if is_long else SAME_SHORT_BY_ONE
        keys += [f"said:{message.member}", f"slow:{room}:{message.member}"]
        keys += [f"same:{room}:{message.member}:{gist}", f"many:{room}:{gist}"]
        values += [
            *(str(message.key), message.member, 1000 * message.slow_seconds),
            *((0, 0) if message.keeps_order else (by_one, int(is_long))),
        ]
    try:
        answers = redis_client().eval(COUNT_MESSAGES, len(keys), *keys, *values)
    except redis.RedisError:
        logger.warning("chat messages are not limited", exc_info=True)
        return [None] * len(said)
    return [
        _refusal(limit.decode(), int(wait_ms), message)
        for message, (limit, wait_ms) in zip(said, answers, strict=True)
    ]


def _same_by_many(room: str) -> int:
    return max(SAME_BY_MANY, count_viewers([room])[room] // SAME_BY_ONE_IN)


def _refusal(limit: str, wait_ms: int, message: Said) -> Refusal | None:
    match limit:
        case "rate":
            return TooFast(wait_ms)
        case "slow":
            return SlowedDown(message.slow_seconds, wait_ms)
        case "repeated":
            return Repeated()
        case "many":
            return SaidByMany()
        case "busy":
            return RoomBusy(wait_ms)
    return None


def gist_of(text: str) -> tuple[str, bool]:
    """Return what nearly the same texts have in common, as a short digest, and whether the text is a long one.

    Symbols, blanks and repeated letters make no difference, in a long text numbers neither.
    """
    compact = re.sub(r"(.)\1+", r"\1", re.sub(r"\s+", "", text))
    is_long = len(compact) >= LONG_TEXT
    letters = "".join(map(letters_of, compact))
    if is_long:
        letters = re.sub(r"[0-9]+", "", letters)
    common = letters or compact
    return hashlib.sha256(common.encode()).hexdigest()[:16], is_long
