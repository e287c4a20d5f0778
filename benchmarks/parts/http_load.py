"""Visitors with keep-alive connections, each asking for its next page as soon as it has one.

    python -m benchmarks.parts.http_load < '{"host", "port", "paths", "cookie", "connections", "seconds"}'

A process of its own, so that making requests never holds up whoever measures. Prints {"requests_per_s", "p50_ms",
"p99_ms"}; any answer but 200 ends it with that answer's status.
"""

import asyncio
import itertools
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devtools.paths import PYTHON
from devtools.problem import Problem

LEAST = 40
"""Answers that are waited for, however long a slow server takes: fewer have no median."""

WARM_UP_PAGES = 20
WARM_UP_SECONDS = 0.5
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """What visitors got."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float


def visit(port: int, paths: Sequence[str], *, seconds: float, connections: int, cookie: str = "") -> Served:
    """Ask for the paths in turn for so long. Problem if anything but 200 comes back."""
    order = {
        "host": "127.0.0.1",
        "port": port,
        "paths": list(paths),
        "cookie": cookie,
        "connections": connections,
        "seconds": seconds,
    }
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.parts.http_load"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE_SECONDS,
    )
    if done.returncode:
        raise Problem(f"{paths[0]} was not served: {done.stderr.strip().splitlines()[-1:]}")
    return Served(**json.loads(done.stdout))


async def _visitor(
    host: str, port: int, requests: Iterator[bytes], begin: float, end: float, took: list[float]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while ((asked := time.perf_counter()) < end or len(took) < LEAST) and (request := next(requests, None)):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, _, fields = head.partition(b"\r\n")
        if b" 200 " not in status:
            sys.exit(status.decode())
        await _body(reader, fields.lower())
        if asked >= begin:
            took.append(time.perf_counter() - asked)
    writer.close()


async def _body(reader: asyncio.StreamReader, fields: bytes) -> None:
    if b"content-length:" in fields:
        await reader.readexactly(int(fields.split(b"content-length:")[1].split(b"\r\n")[0]))
        return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


async def _load(order: dict) -> None:
    cookie = f"Cookie: {order['cookie']}\r\n" if order["cookie"] else ""
    made = [
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n{cookie}\r\n".encode()
        for path in order["paths"]
    ]
    took: list[float] = []
    # Once each beforehand, unhurried: a process reads much of its code with its first answers.
    await _visitor(order["host"], order["port"], iter(made[:WARM_UP_PAGES]), 0, math.inf, [])
    requests = itertools.cycle(made)
    begin = time.perf_counter() + WARM_UP_SECONDS
    end = begin + order["seconds"]
    visitors = (
        _visitor(order["host"], order["port"], requests, begin, end, took)
        for _ in range(order["connections"])
    )
    await asyncio.gather(*visitors)
    steps = statistics.quantiles(took, n=100, method="inclusive")
    figures = {
        "requests_per_s": len(took) / (time.perf_counter() - begin),
        "p50_ms": 1000 * steps[49],
        "p99_ms": 1000 * steps[98],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(_load(json.load(sys.stdin)))
