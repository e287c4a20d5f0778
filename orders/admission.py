"""Keeping a rush from the database: a cheap "sold out", and a waiting room before the checkout.

Neither is ever the authority. What is sold out here may be had again up to SOLD_OUT_SECONDS earlier than it says; the
conditional UPDATE of `catalog.stock` decides. Without Redis nothing is known to be sold out and nobody waits.
"""

import logging
from collections.abc import Collection, Sequence
from typing import Any

import redis
from django.conf import settings

from common.redis_client import redis_client

logger = logging.getLogger(__name__)

SOLD_OUT_SECONDS = 2
PASS_SECONDS = 60
"""How long who was let in may start a checkout."""
PATIENCE_SECONDS = 30
"""A place is lost when nobody asked about it for so long: the page asks every few seconds."""


def mark_sold_out(variant_id: int, code: str) -> None:
    """Note for SOLD_OUT_SECONDS that nothing is left of a variant, as `take_stock` just said."""
    try:
        with redis_client().pipeline(transaction=False) as pipe:
            pipe.set(_of_code(code), 1, ex=SOLD_OUT_SECONDS)
            pipe.set(_of_id(variant_id), _of_code(code), ex=SOLD_OUT_SECONDS)
            pipe.execute()
    except redis.RedisError:
        logger.warning("sold out not noted", exc_info=True, extra={"variant": variant_id})


def any_sold_out(codes: Collection[str]) -> bool:
    """Whether one of these variants was sold out a moment ago: one question to Redis, none to the database."""
    try:
        return bool(codes) and bool(redis_client().exists(*map(_of_code, codes)))
    except redis.RedisError:
        logger.warning("sold out not known", exc_info=True)
        return False


def forget_sold_out(*, variant_ids: Sequence[int], more: bool, **kwargs: Any) -> None:  # noqa: ANN401 Django's
    """Answer `stock_changed`: pieces may be back on the shelf."""
    if not more:
        return
    try:
        marks = [mark for mark in redis_client().mget([_of_id(pk) for pk in variant_ids]) if mark]
        if marks:
            redis_client().delete(*marks)
    except redis.RedisError:
        logger.warning("sold out not forgotten", exc_info=True, extra={"variants": list(variant_ids)})


def _of_code(code: str) -> str:
    return f"soldout:{code}"


def _of_id(variant_id: int) -> str:
    return f"soldout:id:{variant_id}"


# queue: visitor by the number drawn on arrival; asked: visitor by when they last asked; passes: visitor by when their
# pass ends. At most `most` are let in within any second of Redis's clock, and the queue goes before newcomers.
_ASK = """
local queue, asked, passes, tickets, let_in = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local visitor, most, pass, patience = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', asked, '-inf', now - patience, 'LIMIT', 0, 200)) do
  redis.call('ZREM', queue, gone)
  redis.call('ZREM', asked, gone)
end
redis.call('ZREMRANGEBYSCORE', passes, '-inf', '(' .. now)
if redis.call('ZSCORE', passes, visitor) then return 0 end

local counter = let_in .. ':' .. now
local room = most - tonumber(redis.call('GET', counter) or 0)
if not redis.call('ZSCORE', queue, visitor) then
  if room > 0 and redis.call('ZCARD', queue) == 0 then
    redis.call('INCR', counter)
    redis.call('EXPIRE', counter, 2)
    return 0
  end
  redis.call('ZADD', queue, redis.call('INCR', tickets), visitor)
end
redis.call('ZADD', asked, now, visitor)
if room > 0 then
  for _, next in ipairs(redis.call('ZRANGE', queue, 0, room - 1)) do
    redis.call('ZREM', queue, next)
    redis.call('ZREM', asked, next)
    redis.call('ZADD', passes, now + pass, next)
    redis.call('INCR', counter)
  end
  redis.call('EXPIRE', counter, 2)
end
if redis.call('ZSCORE', passes, visitor) then return 0 end
return redis.call('ZRANK', queue, visitor) + 1
"""
_KEYS = ("checkout:queue", "checkout:asked", "checkout:passes", "checkout:tickets", "checkout:let-in")


def ask_to_enter(visitor: str) -> int:
    """Return 0 for who may start a checkout now, else the place in the queue, counted from 1.

    settings.CHECKOUTS_AT_ONCE are let in a second, who came first goes first. Ask again every few seconds with the
    same `visitor`: the place stays. Who was let in from the queue may start for PASS_SECONDS.
    """
    try:
        place = redis_client().eval(
            _ASK,
            len(_KEYS),
            *_KEYS,
            visitor,
            settings.CHECKOUTS_AT_ONCE,
            PASS_SECONDS,
            PATIENCE_SECONDS,
        )
    except redis.RedisError:
        logger.warning("nobody waits", exc_info=True)
        return 0
    return int(place)
