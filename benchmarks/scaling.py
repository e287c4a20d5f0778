"""Whether one room on four processes costs what the arithmetic of docs/scaling.md says."""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import redis

from benchmarks.parts import report
from benchmarks.parts.live_room import Site, live_room, running, server_command, two_cores, visit
from benchmarks.parts.room_viewers import Outcome
from benchmarks.parts.site import working_folder
from devtools.ports import free_ports
from devtools.say import say

PROCESSES = 4
VIEWERS = 2000
RATE = 20


@dataclass(frozen=True)
class Seen:
    """What a number of processes did, and the bytes that Redis sent to them."""

    outcome: Outcome
    redis_bytes: float

    @property
    def cpu_us_per_frame(self) -> float:
        """Microseconds of the servers' processors per frame that reached a viewer."""
        return 1e6 * self.outcome.server_cpu / self.outcome.frames


def measure(options: argparse.Namespace) -> int:
    seconds = 4 if options.quick else 10
    server_core, client_core = two_cores()
    with working_folder() as folder, live_room(Path(folder), 0) as site:
        say("One process …")
        one = _run(site, 1, VIEWERS // PROCESSES, seconds, server_core, client_core)
        say(f"{PROCESSES} processes …")
        many = _run(site, PROCESSES, VIEWERS, seconds, server_core, client_core)
    figures: Mapping[str, report.Figure] = {
        "processes": PROCESSES,
        "viewers": many.outcome.joined,
        "cpu_us_per_frame_one": one.cpu_us_per_frame,
        "cpu_us_per_frame_many": many.cpu_us_per_frame,
        "cpu_ratio": many.cpu_us_per_frame / one.cpu_us_per_frame,
        "redis_bytes_per_message_one": one.redis_bytes / one.outcome.sent,
        "redis_bytes_per_message_many": many.redis_bytes / many.outcome.sent,
        "redis_ratio": many.redis_bytes
        / many.outcome.sent
        / (one.redis_bytes / one.outcome.sent)
        / PROCESSES,
        "p99_ms": many.outcome.p99,
        "lost": one.outcome.lost + many.outcome.lost,
        "doubled": one.outcome.doubled + many.outcome.doubled,
        "load_average": report.load_average(),
    }
    report.tell(
        figures,
        as_json=options.json,
        peer=f"{PROCESSES} processes",
        rows=[
            ("viewers", one.outcome.joined, many.outcome.joined),
            ("µs of a core per frame and viewer", one.cpu_us_per_frame, many.cpu_us_per_frame),
            (
                "bytes from Redis per message",
                figures["redis_bytes_per_message_one"],
                figures["redis_bytes_per_message_many"],
            ),
            ("99 % of messages within, ms", one.outcome.p99, many.outcome.p99),
            ("lost", one.outcome.lost, many.outcome.lost),
        ],
        notes=[
            f"The arithmetic says 1 for both: processor time per frame {figures['cpu_ratio']:.2f} times one process's,"
            f" bytes from Redis {figures['redis_ratio']:.2f} times those of one process by their number.",
        ],
    )
    return 0


def _run(
    site: Site, processes: int, viewers: int, seconds: float, server_core: int, client_core: int
) -> Seen:
    ports = free_ports(processes)
    with ExitStack() as servers:
        children = [
            servers.enter_context(running(f"web {port}", server_command(port), site.env, port, server_core))
            for port in ports
        ]
        task = replace(
            site.task(),
            ports=ports,
            pids=[child.pid for child in children],
            viewers=viewers,
            rate=RATE,
            seconds=seconds,
        )
        client = redis.Redis.from_url(os.environ["REDIS_URL"])
        before = _sent(client)
        outcome = visit(task, client_core)
        return Seen(outcome, _sent(client) - before)


def _sent(client: redis.Redis) -> float:
    return float(cast(Mapping[str, float], client.info("stats"))["total_net_output_bytes"])


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
