"""One camera per channel over all processes: whoever holds the channel's claim in Redis.

The same page that comes back (a connection that died without a word, a reload) takes over from itself; another one is
refused, as the ingest refuses a second encoder. Without Redis nobody is refused here: the ingest still is.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import redis.asyncio as redis
from django.conf import settings

from broadcasts.camera.refusals import AlreadyPublishing, TakenOver

logger = logging.getLogger(__name__)

LEASE_MS = 6000
RENEW_SECONDS = 1.0
PATIENCE_SECONDS = 8.0
"""Longer than a lease: the claim of a process that was killed runs out while its seller waits."""

# KEYS: claim, wish. ARGV: our token, lease. 0: it is somebody else's now, or wished for by the same page. A claim that
# is gone was lost with Redis's memory: it is still ours.
RENEW = """
local holder = redis.call('GET', KEYS[1])
if (holder and holder ~= ARGV[1]) or redis.call('GET', KEYS[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2]) end
"""


class Claim:
    """What `claim_channel` gives: keep calling `keep`."""

    def __init__(self, client: redis.Redis, channel: str, session: UUID) -> None:
        self._client = client
        self._session = str(session)
        self._token = f"{session} {uuid4()}"
        self._keys = f"camera:{channel}", f"camera:{channel}:wish"

    async def take(self) -> None:
        """Raises AlreadyPublishing."""
        claim, wish = self._keys
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not await self._client.set(claim, self._token, nx=True, px=LEASE_MS):
            holder = str(await self._client.get(claim) or "")
            late = asyncio.get_running_loop().time() > deadline
            if holder and (late or not holder.startswith(self._session)):
                raise AlreadyPublishing
            await self._client.set(wish, self._token, px=LEASE_MS)
            await asyncio.sleep(0.1)
        await self._client.delete(wish)

    async def keep(self) -> None:
        """Renew the claim for as long as it is ours. Raises TakenOver."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                if await self._client.eval(RENEW, 2, *self._keys, self._token, LEASE_MS) == 0:
                    raise TakenOver
            except redis.RedisError:
                logger.warning("a camera's claim was not renewed", exc_info=True)

    async def release(self) -> None:
        await self._client.eval(RELEASE, 2, *self._keys, self._token)


@asynccontextmanager
async def claim_channel(channel: str, session: UUID) -> AsyncIterator[Claim]:
    """Hold the channel (a code) for a page's `session`. Raises AlreadyPublishing."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True
    )
    claim = Claim(client, channel, session)
    try:
        try:
            await claim.take()
        except redis.RedisError:
            logger.warning("a camera goes on the air without a claim", exc_info=True)
        yield claim
    finally:
        with suppress(redis.RedisError):
            await claim.release()
        await client.aclose()
