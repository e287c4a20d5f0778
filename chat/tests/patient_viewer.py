"""Viewers that come back until they have seen a message: python -m chat.tests.patient_viewer ADDRESS CODE COUNT SEQ.

Prints, as JSON, the sequence numbers that each of them has seen, in the order in which it did.
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

GIVES_UP_SECONDS = 60


async def watch(address: str, code: str, until: int) -> list[int]:
    """As static/js/room/room.js: after every gap, ask for what followed the last message seen."""
    seen: list[int] = []
    while not seen or seen[-1] < until:
        try:
            async with connect(
                f"ws://{address}/ws/rooms/{code}/",
                origin="http://127.0.0.1",
                open_timeout=30,
                compression=None,
            ) as socket:
                await socket.send(json.dumps({"type": "sync", "after": seen[-1] if seen else 0}))
                await _follow(socket, seen, until)
        except (OSError, TimeoutError, WebSocketException):
            await asyncio.sleep(0.2)
    return seen


async def _follow(socket, seen: list[int], until: int) -> None:
    while not seen or seen[-1] < until:
        for event in json.loads(await socket.recv()):
            for message in event.get("history", [event] if event["type"] == "chat.message" else []):
                last = seen[-1] if seen else 0
                if message["seq"] == last + 1:
                    seen.append(message["seq"])
                elif message["seq"] > last + 1:
                    await socket.send(json.dumps({"type": "sync", "after": last}))


async def main(address: str, code: str, count: int, until: int) -> None:
    async with asyncio.timeout(GIVES_UP_SECONDS):
        seen = await asyncio.gather(*(watch(address, code, until) for _ in range(count)))
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
