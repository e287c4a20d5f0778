"""Hearts: counted in this process, added to the room's number in Redis once a second, told as that number.

Every process reads the number and tells its own viewers, at most once a second and only when it grew: however many
hearts are given, no message travels for one. `chat.activities.hearts` keeps the number.
"""

from collections import Counter
from collections.abc import Iterable

import redis.asyncio as redis

from chat.activities.events import HeartsChanged
from chat.activities.hearts import KEPT_SECONDS, hearts_key
from chat.room.feed import Feed
from common.events import encode

HEARTS_SECONDS = 1


class Hearts:
    """The hearts given in the rooms of this process since Redis heard of them last."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()
        self._told: dict[str, int] = {}

    def add(self, room: str, count: int) -> None:
        if count:
            self._given[room] += count

    async def count_again(self, client: redis.Redis, feeds: Iterable[Feed]) -> None:
        """Add what was given, and tell each room its number if that changed.

        One round trip. Raises RedisError: what was given then waits for the next time.
        """
        by_room = {feed.room: feed for feed in feeds}
        given, self._given = self._given, Counter()
        rooms = list(by_room.keys() | given.keys())
        if not rooms:
            return
        try:
            numbers = await self._add_and_read(client, rooms, given)
        except redis.RedisError:
            self._given += given
            raise
        before, self._told = self._told, {}
        for room, feed in by_room.items():
            self._told[room] = numbers[room]
            if numbers[room] != before.get(room, 0):
                feed.take(encode(HeartsChanged(count=numbers[room])))

    @staticmethod
    async def _add_and_read(client: redis.Redis, rooms: list[str], given: Counter[str]) -> dict[str, int]:
        async with client.pipeline(transaction=False) as pipe:
            for room in rooms:
                if given[room]:
                    pipe.expire(hearts_key(room), KEPT_SECONDS)
                    pipe.incrby(hearts_key(room), given[room])
                else:
                    pipe.get(hearts_key(room))
            # `expire` answers True or False, the others a number, as bytes or not, or None.
            answers = [answer for answer in await pipe.execute() if not isinstance(answer, bool)]
        return {room: int(number or 0) for room, number in zip(rooms, answers, strict=True)}
