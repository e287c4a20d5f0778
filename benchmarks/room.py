"""How many viewers one core tells what happens in a live room, beside other ways to do it, and how soon."""

import argparse
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.parts import report
from benchmarks.parts.live_room import Site, live_room, running, server_command, two_cores, visit
from benchmarks.parts.room_viewers import Outcome, Task
from benchmarks.parts.site import working_folder
from devtools import node
from devtools.paths import PYTHON, ROOT
from devtools.ports import LOOPBACK, free_ports
from devtools.processes import Command
from devtools.say import say

PEERS = ROOT / "benchmarks" / "rooms"
VIEWERS = 1000
JOIN_SECONDS = 15


@dataclass(frozen=True)
class Plan:
    """How long each is measured, how often, and how many viewers the big room has."""

    seconds: float
    rounds: int
    big: int


FULL = Plan(seconds=8, rounds=3, big=10_000)
QUICK = Plan(seconds=3, rounds=1, big=2_000)


@dataclass(frozen=True)
class Way:
    """A way to tell a room: how its server is started and how it is spoken to. Rates are messages a second.

    The tutorial's is what it carries; the others get as many as leave both cores some air, so that nobody's queue
    is what is measured.
    """

    name: str
    command: Command
    env: Mapping[str, str]
    task: Task
    rate: float


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    server_core, client_core = two_cores()
    with working_folder() as folder, live_room(folder, plan.big) as site:
        ways = _ways(site, peers=not options.no_peer)
        seen: dict[str, list[Outcome]] = {name: [] for name in ways}
        for number in range(plan.rounds):
            for name, way in ways.items():
                say(f"Round {number + 1} of {plan.rounds}: {way.name} …")
                task = replace(way.task, rate=way.rate, seconds=plan.seconds)
                seen[name].append(_try(way, task, server_core, client_core))
        say(f"{plan.big} members in one room …")
        big = _big(ways["c"], site, plan, server_core, client_core)
    _tell(ways, seen, big, as_json=options.json)
    return 0


def _ways(site: Site, *, peers: bool) -> dict[str, Way]:
    [port] = free_ports(1)
    serve = server_command(port)
    ours = replace(site.task(), ports=[port], viewers=VIEWERS)
    raw: Command = [PYTHON, "-m", "benchmarks.rooms.raw_writer", str(port)]
    plain = replace(ours, path="/", first="", redis="", channel="")
    ways = {
        "b": Way("ours, not joined", serve, {**site.env, "ROOM_WINDOW_MS": "0"}, ours, 40),
        "c": Way("ours, as shipped", serve, site.env, ours, 200),
        "quiet": Way("ours, a quiet room", serve, site.env, replace(ours, awake=True), 3),
        "f": Way("raw uvloop writer", raw, os.environ, plain, 40),
        "quiet f": Way("raw writer, quiet", raw, os.environ, replace(plain, awake=True), 3),
    }
    if not peers:
        return ways
    node.install(PEERS, doing="Installing ws and socket.io")
    env = {**os.environ, "NODE_ENV": "production"}
    tutorial = ("-m", "daphne", "-b", LOOPBACK, "-p", str(port), "-v", "0", "--access-log", os.devnull)
    return {
        "a": Way(
            "Channels tutorial, daphne",
            [PYTHON, *tutorial, "benchmarks.rooms.tutorial:application"],
            os.environ,
            # Its channel layer takes a connection to Redis for each handshake that is under way.
            replace(plain, path="/ws/chat/room/", at_once=50),
            1,
        ),
        **ways,
        "d": Way("Node ws", [node.node(), PEERS / "ws_chat.js", str(port)], env, plain, 40),
        "e": Way(
            "socket.io, Redis adapter",
            [node.node(), PEERS / "socket_io_chat.js", str(port)],
            env,
            replace(plain, path="/socket.io/?EIO=4&transport=websocket", speech="socket.io"),
            40,
        ),
    }


def _try(way: Way, task: Task, server_core: int, client_core: int) -> Outcome:
    with running(way.name, way.command, way.env, task.ports[0], server_core) as server:
        outcome = visit(replace(task, pids=[server.pid]), client_core)
    if outcome.problems:
        say(f"  {way.name}: {'; '.join(outcome.problems)}")
    return outcome


def _big(way: Way, site: Site, plan: Plan, server_core: int, client_core: int) -> Outcome:
    """Everybody at once, each a member with a session, from as many addresses as that takes."""
    task = replace(
        way.task, viewers=plan.big, rate=20, seconds=plan.seconds, cookies=str(site.cookies), spread=True
    )
    return _try(way, task, server_core, client_core)


def _tell(
    ways: Mapping[str, Way], seen: Mapping[str, Sequence[Outcome]], big: Outcome, *, as_json: bool
) -> None:
    per_cpu = {
        name: statistics.median(outcome.delivered / outcome.server_cpu for outcome in outcomes)
        for name, outcomes in seen.items()
    }

    def middle(name: str, field: str) -> float:
        return statistics.median(float(getattr(outcome, field)) for outcome in seen[name])

    everything = [outcome for outcomes in seen.values() for outcome in outcomes]
    figures: dict[str, report.Figure] = {
        "a_tutorial": per_cpu.get("a"),
        "b_unjoined": per_cpu["b"],
        "c_shipped": per_cpu["c"],
        "d_ws": per_cpu.get("d"),
        "e_socketio": per_cpu.get("e"),
        "f_limit": per_cpu["f"],
        "b_to_a": per_cpu["b"] / per_cpu["a"] if "a" in per_cpu else None,
        "b_to_e": per_cpu["b"] / per_cpu["e"] if "e" in per_cpu else None,
        "c_to_e": per_cpu["c"] / per_cpu["e"] if "e" in per_cpu else None,
        "b_to_f": per_cpu["b"] / per_cpu["f"],
        "c_p99_ms": middle("c", "p99"),
        "quiet_p99_ms": middle("quiet", "p99"),
        "quiet_limit_p99_ms": middle("quiet f", "p99"),
        "joins_per_s": statistics.median(outcome.joined / outcome.joined_in for outcome in seen["c"]),
        "kb_per_viewer": big.kb_per_viewer,
        "big_viewers": big.joined,
        "big_p99_ms": big.p99,
        "big_failed": big.failed + big.closed,
        "big_joined_in_s": big.joined_in,
        "lost": sum(outcome.lost for outcome in [*everything, big]),
        "doubled": sum(outcome.doubled for outcome in [*everything, big]),
        "client_busy": max(
            outcome.client_busy
            for outcome in [
                big,
                *(each for name, way in ways.items() if not way.task.awake for each in seen[name]),
            ]
        ),
        "load_average": report.load_average(),
    }
    if as_json:
        report.tell(figures, as_json=True, peer="", rows=[], notes=[])
        return
    print(
        f"\n  {'':<26}{'deliveries':>11}{'messages':>10}{'p50':>8}{'p99':>8}{'kB per':>8}{'joins':>8}{'lost':>6}"
    )
    print(f"  {'':<26}{'per CPU s':>11}{'a second':>10}{'ms':>8}{'ms':>8}{'viewer':>8}{'a s':>8}")
    for name, way in sorted(ways.items()):
        joins = statistics.median(outcome.joined / outcome.joined_in for outcome in seen[name])
        print(
            f"  {name if len(name) == 1 else ' '} {way.name:<24}{per_cpu[name]:>11,.0f}{way.rate:>10.0f}"
            f"{middle(name, 'p50'):>8.1f}{middle(name, 'p99'):>8.1f}{middle(name, 'kb_per_viewer'):>8.1f}"
            f"{joins:>8,.0f}{sum(outcome.lost for outcome in seen[name]):>6}"
        )
    print(
        f"\n  {big.joined} members in one room, 20 messages a second: joined in {big.joined_in:.1f} s"
        f" (target {JOIN_SECONDS}), failed {figures['big_failed']}, p99 {big.p99:.0f} ms,"
        f" {big.kb_per_viewer:.1f} kB each, lost {big.lost}; server {big.server_cpu / big.seconds:.0%} of its core.\n"
        f"  The viewers' process was busy for {figures['client_busy']:.0%} of its core at most.\n"
        f"  b ÷ a {_ratio(figures['b_to_a'])} (35), b ÷ e {_ratio(figures['b_to_e'])} (1.2),"
        f" c ÷ e {_ratio(figures['c_to_e'])} (5), b ÷ f {_ratio(figures['b_to_f'])} (0.55)."
        f" Load average {figures['load_average']:.1f}.\n",
        flush=True,
    )


def _ratio(value: report.Figure) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "–"


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
