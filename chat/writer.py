"""What members say is written together: one transaction for all that a room says within a few milliseconds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from channels.db import database_sync_to_async

from chat.actions import Answer, Saying, say_all
from chat.events import MessagePosted
from chat.refusals import SignInFirst
from chat.sessions import signed_in_members

WINDOW_SECONDS = 0.02
LONGEST_REST = 0.1
"""Seconds. A batch that took long is followed by a rest as long, up to this: the loop that reads and tells gets its
turn, and what a batch costs however large it is is paid less often the more is said."""

MOST_TOGETHER = 500


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message to post as whoever the session belongs to when it is written."""

    session_key: str
    key: UUID
    text: str
    reply_to: int | None = None


class Writer:
    """The messages of one room in this process on their way to the disk.

    The first is written at once. What is said meanwhile, and while it rests from that, waits and goes together.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._waiting: list[tuple[Incoming, asyncio.Future[MessagePosted]]] = []
        self._task: asyncio.Task[None] | None = None

    async def say(self, message: Incoming) -> MessagePosted:
        posted = asyncio.get_running_loop().create_future()
        self._waiting.append((message, posted))
        if self._task is None:
            self._task = asyncio.create_task(self._write_waiting())
        return await posted

    async def _write_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                began = loop.time()
                await self._write(batch)
                spent = loop.time() - began
                await asyncio.sleep(max(WINDOW_SECONDS - spent, min(spent, LONGEST_REST)))
        finally:
            self._task = None

    async def _write(self, batch: Sequence[tuple[Incoming, asyncio.Future[MessagePosted]]]) -> None:
        try:
            answers = await _post_in_thread(self._room, [message for message, _ in batch])
        except Exception as error:  # noqa: BLE001 each sender is told: a database that is away closes their sockets
            answers = [error] * len(batch)
        for (_, posted), answer in zip(batch, answers, strict=True):
            if posted.cancelled():  # the writer's socket is gone; the message stays
                continue
            if isinstance(answer, Exception):
                posted.set_exception(answer)
            else:
                posted.set_result(answer)


def post(room: str, messages: Sequence[Incoming]) -> list[Answer]:
    """Post messages of one room as whoever their sessions belong to now; members sign out while sockets stay open.

    Two queries more than `say_all`, however many they are.
    """
    members = signed_in_members({message.session_key for message in messages})
    sayings = {
        place: Saying(
            author=members[message.session_key], key=message.key, text=message.text, reply_to=message.reply_to
        )
        for place, message in enumerate(messages)
        if message.session_key in members
    }
    answers = dict(zip(sayings, say_all(room, list(sayings.values())), strict=True)) if sayings else {}
    return [answers.get(place) or SignInFirst() for place in range(len(messages))]


_post_in_thread = database_sync_to_async(post, thread_sensitive=False)

# A writer lives as long as somebody waits for it.
_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, Writer]] = WeakKeyDictionary()


async def say(room: str, message: Incoming) -> MessagePosted:
    """Post a message, together with what else is said in the room just now; return it once it is on disk.

    Raises a Refusal.
    """
    writers = _writers.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    writer = writers.setdefault(room, Writer(room))
    return await writer.say(message)
