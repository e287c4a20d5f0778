import asyncio

import pytest

from chat.room import shared_reads
from chat.room.shared_reads import SharedReads


class Source:
    """Something slow to read that tells when a read began."""

    def __init__(self):
        self.began = []
        self.value = 0
        self.go = asyncio.Event()

    async def read(self, key):
        value = self.value
        self.began.append(key)
        await self.go.wait()
        if value == "broken":
            raise LookupError(key)
        return value


async def step():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_those_who_ask_together_share_one_read():
    source = Source()
    reads = SharedReads(source.read)
    asked = [asyncio.create_task(reads.get("a")) for _ in range(100)]
    await step()
    source.go.set()
    assert [reading.value for reading in await asyncio.gather(*asked)] == [0] * 100
    assert source.began == ["a"]


async def test_who_asks_during_a_read_gets_what_is_true_after_the_question():
    source = Source()
    reads = SharedReads(source.read)
    early = asyncio.create_task(reads.get("a"))
    await step()
    source.value = 1
    late = [asyncio.create_task(reads.get("a")) for _ in range(10)]
    await step()
    assert source.began == ["a"]
    source.go.set()
    assert (await early).value == 0
    assert [reading.value for reading in await asyncio.gather(*late)] == [1] * 10
    assert source.began == ["a", "a"]


async def test_different_questions_do_not_wait_for_each_other():
    source = Source()
    reads = SharedReads(source.read)
    asked = [asyncio.create_task(reads.get(key)) for key in "abc"]
    await step()
    assert source.began == ["a", "b", "c"]
    source.go.set()
    await asyncio.gather(*asked)
    assert not reads._running
    assert not reads._next


async def test_a_failed_read_fails_those_who_shared_it_only():
    source = Source()
    source.value = "broken"
    source.go.set()
    reads = SharedReads(source.read)
    with pytest.raises(LookupError):
        await reads.get("a")
    source.value = 2
    assert (await reads.get("a")).value == 2


async def test_one_who_stops_waiting_does_not_spoil_it_for_the_others():
    source = Source()
    reads = SharedReads(source.read)
    leaves, stays = (asyncio.create_task(reads.get("a")) for _ in range(2))
    await step()
    leaves.cancel()
    source.go.set()
    assert (await stays).value == 0


async def test_an_answer_is_good_since_when_it_was_asked_for():
    source = Source()
    source.go.set()
    reads = SharedReads(source.read)
    first = await reads.get("a")
    source.value = 1
    assert await reads.get("a", since=first.began) is first
    later = await reads.get("a", since=first.began + 0.000_001)
    assert later.value == 1
    assert later.began > first.began


async def test_only_so_many_answers_are_kept(monkeypatch):
    monkeypatch.setattr(shared_reads, "MOST_KEPT", 3)
    source = Source()
    source.go.set()
    reads = SharedReads(source.read)
    for key in "abcd":
        await reads.get(key)
    await reads.get("b", since=0)
    await reads.get("a", since=0)
    assert source.began == ["a", "b", "c", "d", "a"]
