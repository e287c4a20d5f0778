import asyncio

import pytest

from chat.room import outbox as outbox_module
from chat.room.outbox import MOST_WAITING, Outbox


class Connection:
    """A server's end of a socket: `send` waits while `writable` is not set, as uvicorn's does."""

    def __init__(self):
        self.writable = asyncio.Event()
        self.writable.set()
        self.gone = False
        self.sent = []
        self.transport = self
        self.aborted = asyncio.Event()

    async def send(self, frame):
        await self.writable.wait()
        if self.gone:
            raise OSError("client disconnected")
        self.sent.append(frame)

    def abort(self):
        self.aborted.set()


@pytest.fixture
async def connection():
    return Connection()


@pytest.fixture(autouse=True)
def short_close(monkeypatch):
    monkeypatch.setattr(outbox_module, "CLOSE_SECONDS", 0.05)


async def until(is_so):
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0.001)


async def test_frames_leave_at_once_and_in_order(connection):
    outbox = Outbox(connection.send)
    for number in range(3):
        outbox.put(number)
    assert connection.sent == [0, 1, 2]


async def test_a_viewer_who_reads_slowly_gets_everything_later(connection):
    outbox = Outbox(connection.send)
    connection.writable.clear()
    for number in range(5):
        outbox.put(number)
    assert connection.sent == []
    connection.writable.set()
    await until(lambda: len(connection.sent) == 5)
    outbox.put(5)
    assert connection.sent == [0, 1, 2, 3, 4, 5]


async def test_a_viewer_may_fall_behind_again_and_again(connection):
    outbox = Outbox(connection.send)
    for round_ in range(3):
        connection.writable.clear()
        outbox.put(2 * round_)
        outbox.put(2 * round_ + 1)
        connection.writable.set()
        await until(lambda expected=2 * round_ + 2: len(connection.sent) == expected)
    assert connection.sent == list(range(6))


async def test_who_does_not_read_is_cut_off(connection):
    outbox = Outbox(connection.send)
    connection.writable.clear()
    for number in range(MOST_WAITING + 2):
        outbox.put(number)
    assert outbox.closed
    async with asyncio.timeout(5):
        await connection.aborted.wait()
    assert connection.sent == []


async def test_who_starts_to_read_in_time_is_told_why(connection):
    outbox = Outbox(connection.send)
    connection.writable.clear()
    for number in range(MOST_WAITING + 2):
        outbox.put(number)
    connection.writable.set()
    await until(lambda: connection.sent)
    assert connection.sent == [{"type": "websocket.close", "code": 4008}]


async def test_nothing_is_sent_to_who_has_left(connection):
    outbox = Outbox(connection.send)
    connection.gone = True
    outbox.put(1)
    assert outbox.closed
    outbox.put(2)
    assert connection.sent == []


async def test_one_who_leaves_while_frames_wait_is_no_error(connection, caplog):
    outbox = Outbox(connection.send)
    connection.writable.clear()
    outbox.put(1)
    outbox.put(2)
    connection.gone = True
    connection.writable.set()
    await until(lambda: outbox.closed)
    assert connection.sent == []
    assert caplog.text == ""


async def test_what_is_held_follows_the_first(connection):
    outbox = Outbox(connection.send)
    outbox.hold()
    outbox.put("b")
    outbox.put("c")
    assert connection.sent == []
    outbox.release("a")
    outbox.put("d")
    assert connection.sent == ["a", "b", "c", "d"]


async def test_the_rooms_news_are_passed_over_while_the_state_is_awaited(connection):
    outbox = Outbox(connection.send)
    outbox.hold()
    outbox.put_news("in the state")
    outbox.put("an answer")
    outbox.release("state", "since")
    outbox.put_news("later")
    assert connection.sent == ["state", "since", "an answer", "later"]


class ShortWay(Connection):
    """As `RoomProtocol`: writes at once what it can."""

    def __init__(self):
        super().__init__()
        self.at_once = []

    def write_prepared(self, frame):
        if not self.writable.is_set():
            return False
        self.at_once.append(frame)
        self.sent.append(frame)
        return True


async def test_the_short_way_is_taken_only_when_nothing_waits():
    connection = ShortWay()
    outbox = Outbox(connection.send)
    outbox.put(1)
    connection.writable.clear()
    outbox.put(2)
    outbox.put(3)
    connection.writable.set()
    outbox.put(4)
    await until(lambda: len(connection.sent) == 4)
    outbox.put(5)
    assert connection.sent == [1, 2, 3, 4, 5]
    assert connection.at_once == [1, 5]


async def test_after_closing_nothing_more_is_sent(connection):
    outbox = Outbox(connection.send)
    outbox.close(4004)
    outbox.put("late")
    outbox.close(4029)
    async with asyncio.timeout(5):
        await connection.aborted.wait()
    assert connection.sent == [{"type": "websocket.close", "code": 4004}]


async def test_a_server_without_a_transport_is_left_to_close_by_itself():
    sent = []

    async def send(frame):
        sent.append(frame)

    Outbox(send).close(4004)
    await until(lambda: sent and not outbox_module._closings)
