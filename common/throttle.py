"""A limit on calls to an outside service that all processes of the site keep together."""

import time

import redis

from common.errors import ProviderError
from common.redis_client import redis_client

WAIT_SECONDS = 2.0
WINDOW_MS = 1100
"""A second, and what two calls may come closer to each other on their way out."""

# Turns are moments: a caller gets the first that leaves at most `limit` within any window, and sleeps until then.
# Redis's own clock, so that machines with different ones agree. Returns [turn, now] in milliseconds; turn 0 when
# the next one is further away than the caller would wait.
_TAKE_TURN = """
local limit, window, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turn = now
local earlier = redis.call('LINDEX', KEYS[1], limit - 1)
if earlier and earlier + window > now then turn = earlier + window end
if turn - now > patience then return {0, now} end
redis.call('LPUSH', KEYS[1], string.format('%.0f', turn))
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('PEXPIRE', KEYS[1], window + patience)
return {turn, now}
"""


def wait_for_turn(name: str, *, per_second: int, wait_seconds: float = WAIT_SECONDS) -> int:
    """Sleep until the next call may go out; return that moment in milliseconds of Redis's clock.

    Never more than `per_second` turns fall into any second, whoever asks. Raises ProviderError when the next is
    more than `wait_seconds` away (try again later), and when Redis does not answer.
    """
    try:
        turn, now = redis_client().eval(
            _TAKE_TURN, 1, f"throttle:{name}", per_second, WINDOW_MS, int(wait_seconds * 1000)
        )
    except redis.RedisError as error:
        raise ProviderError("calls cannot be counted: Redis does not answer") from error
    if not turn:
        raise ProviderError(f"too many calls to {name} are waiting")
    time.sleep((turn - now) / 1000)
    return turn
