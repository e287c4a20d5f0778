"""How many messages a second one process keeps and tells, all said in one room, and how soon their writers know."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts import report
from benchmarks.parts.kept_messages import Books, Kept
from benchmarks.parts.live_room import client_answer, live_room, running, server_command, two_cores
from benchmarks.parts.room_speakers import Outcome, Task
from benchmarks.parts.site import working_folder
from devtools.ports import free_ports
from devtools.say import say

RATE = 1000
MEMBERS = 2000
READERS = 100
KEEPS_UP = 0.95
"""The share of the messages that is acknowledged by the time the last one is said, where nothing piles up."""

COUNTED_SECONDS = 11
"""A connection of PostgreSQL with nothing to do tells its counts after ten seconds (PGSTAT_IDLE_INTERVAL)."""


@dataclass(frozen=True)
class Plan:
    """How long members talk at RATE, how long at each higher rate, and which rates these are (messages a second).

    The chat's own limit for a room is 2,000.
    """

    seconds: float
    step_seconds: float
    steps: Sequence[int]


FULL = Plan(seconds=8, step_seconds=5, steps=(1200, 1400, 1600, 1800))
QUICK = Plan(seconds=4, step_seconds=3, steps=(1400,))


@dataclass(frozen=True)
class Step:
    """Members talking at a rate, as they and the database saw it."""

    rate: int
    seen: Outcome
    kept: Kept

    @property
    def per_second(self) -> float:
        """Messages acknowledged a second, while members talked."""
        return self.seen.in_time / self.seen.seconds

    @property
    def keeps_up(self) -> bool:
        return self.per_second >= KEEPS_UP * self.rate

    @property
    def lost(self) -> int:
        return self.kept.lost + self.seen.not_read


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    rates = [RATE, *plan.steps]
    server_core, client_core = two_cores()
    [port] = free_ports(1)
    steps: list[Step] = []
    with (
        working_folder() as folder,
        live_room(folder, MEMBERS * len(rates)) as site,
        running("web", server_command(port), site.env, port, server_core) as server,
    ):
        books = Books(site.env["DATABASE_URL"])
        for number, rate in enumerate(rates):
            say(f"{MEMBERS} members say {rate} messages a second …")
            task = Task(
                port=port,
                pids=[server.pid],
                path=f"/ws/rooms/{site.code}/",
                cookies=str(site.cookies),
                first=number * MEMBERS,  # what others said before counts against limits of theirs
                members=MEMBERS,
                readers=READERS,
                rate=rate,
                seconds=plan.step_seconds if number else plan.seconds,
                number=sum(step.seen.said for step in steps),
                kept=str(folder / "kept.txt"),
            )
            steps.append(_talk(task, rate, books, client_core))
            if not steps[-1].keeps_up:
                break
        fsync = books.setting("fsync")
    _tell(steps, fsync, as_json=options.json)
    return 0


def _talk(task: Task, rate: int, books: Books, core: int) -> Step:
    books.look()
    seen = Outcome(**client_answer("benchmarks.parts.room_speakers", task, core))
    if seen.problems or seen.closed:
        say(f"  {seen.closed} sockets were closed; {'; '.join(seen.problems)}")
    time.sleep(COUNTED_SECONDS)
    return Step(rate, seen, books.kept(Path(task.kept).read_text().split()))


def _tell(steps: Sequence[Step], fsync: str, *, as_json: bool) -> None:
    first = steps[0]
    seen, kept = first.seen, first.kept
    most = max(steps, key=lambda step: step.per_second)
    refused: Counter[str] = Counter()
    for step in steps:
        refused.update(step.seen.refused)
    figures: dict[str, report.Figure] = {
        "said_per_s": first.per_second,
        "ack_p50_ms": seen.ack_p50,
        "ack_p99_ms": seen.ack_p99,
        "ack_worst_ms": seen.ack_worst,
        "read_p50_ms": seen.read_p50,
        "read_p99_ms": seen.read_p99,
        "writes_per_s": kept.writes / seen.answered_in,
        "transactions_per_s": kept.commits / seen.answered_in,
        "messages_per_transaction": kept.messages / max(1, kept.writes),
        "lost": sum(step.lost for step in steps),
        "doubled": sum(step.kept.doubled + step.seen.doubled for step in steps),
        "gaps": sum(step.kept.gaps for step in steps),
        "out_of_order": sum(step.seen.out_of_order for step in steps),
        "unanswered": sum(step.seen.unanswered for step in steps),
        "refused": json.dumps(refused),
        "server_ms_per_message": 1000 * seen.server_cpu / max(1, seen.acknowledged),
        "server_cpu": seen.server_cpu / seen.answered_in,
        "database_cpu": kept.database_cpu / seen.answered_in,
        "redis_cpu": kept.redis_cpu / seen.answered_in,
        "client_busy": seen.client_busy,
        "client_late_ms": seen.late,
        "most_per_s": most.per_second,
        "most_rate": most.rate,
        "fell_behind": "no" if steps[-1].keeps_up else "yes",
        "fsync": fsync,
        "load_average": report.load_average(),
    }
    if as_json:
        report.tell(figures, as_json=True, peer="", rows=[], notes=[])
        return
    heads = ("said a second", "acknowledged", "ack p50 ms", "ack p99 ms", "read p99 ms", "a write", "server")
    print("\n  " + "".join(f"{head:>15}" for head in heads))
    for step in steps:
        row = (
            f"{step.rate:,}",
            f"{step.per_second:,.0f}",
            f"{step.seen.ack_p50:.0f}",
            f"{step.seen.ack_p99:.0f}",
            f"{step.seen.read_p99:.0f}",
            f"{step.kept.messages / max(1, step.kept.writes):.0f} messages",
            f"{step.seen.server_cpu / step.seen.answered_in:.0%}",
        )
        print("  " + "".join(f"{cell:>15}" for cell in row))
    print(
        f"\n  Lost {figures['lost']}, doubled {figures['doubled']}, out of order {figures['out_of_order']},"
        f" numbers without a message {figures['gaps']}, unanswered {figures['unanswered']}, refused {dict(refused)}.\n"
        f"  At {RATE} a second: {figures['writes_per_s']:.0f} transactions a second wrote"
        f" (PostgreSQL counts {figures['transactions_per_s']:.0f}, reads included);"
        f" database {figures['database_cpu']:.0%}, Redis {figures['redis_cpu']:.0%},"
        f" members' process {seen.client_busy:.0%} of a core, at most {seen.late:.0f} ms late.\n"
        f"  fsync is {fsync}. Load average {figures['load_average']:.1f}.\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
