"""How many channels one core takes in, packages and records before a viewer's part is late."""

import argparse
import asyncio
import math
import os
import shutil
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import uvloop

from benchmarks.parts import film, report
from benchmarks.parts.nginx_rtmp import nginx_rtmp
from benchmarks.parts.part_viewer import PartViewer
from benchmarks.parts.rtmp_load import Load
from benchmarks.parts.site import Channel, ingest, working_folder
from benchmarks.parts.usage import busy_seconds, pin, usage
from devtools.problem import Problem
from devtools.say import say

REFERENCE = 24
"""Channels at which use per channel is measured, ours and the peer's; also the target for one core."""

LATE_SECONDS = 0.3
"""A part target: a part that can be had later than this after its last frame was sent is late."""

SATURATED = 0.97
MOST_CHANNELS = 200
VIEWERS = 6
VIEWER_EVERY = 4


@dataclass(frozen=True)
class Plan:
    """Times are seconds. `shares` are the steps of the ramp, in parts of what the processor seems to carry."""

    settle: float
    window: float
    shares: tuple[float, ...]
    free_gib: int


FULL = Plan(settle=7, window=12, shares=(0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2), free_gib=10)
QUICK = Plan(settle=3, window=4, shares=(0.6, 0.8, 0.95), free_gib=3)


@dataclass(frozen=True)
class Step:
    """One measurement. `lateness` is the worst of a part and `lag` the worst of our sending, in seconds.

    `cpu` is the share of its core that the server used, `others` what programs beside it used of that core.
    """

    channels: int
    cpu: float
    others: float
    rss_mib: float
    lateness: float
    lag: float

    @property
    def in_time(self) -> bool:
        return self.lateness <= LATE_SECONDS and self.cpu < SATURATED


@dataclass(frozen=True)
class Ours:
    """`best` is the last step in time and `end` tells why there is no better; memory is that beyond the idle server.

    A channel needs some 20 s to fill its live window, so the most that was seen counts.
    """

    reference: Step
    best: Step | None
    end: str
    rss_mib_per_channel: float


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    server_core, own_cores = _cores()
    sent = film.load()
    with working_folder() as folder:
        _require_space(folder, plan.free_gib)
        with ingest(folder / "site", MOST_CHANNELS) as (stack, channels):
            os.sched_setaffinity(0, own_cores)
            process = stack.pid("ingest")
            pin(process, {server_core})
            ours = uvloop.run(_measure_ours(process, server_core, channels, sent, plan))
            stack.require_running()
        theirs = None if options.no_peer else _measure_peer(folder / "nginx", server_core, sent, plan)
    _tell(ours, theirs, sent, as_json=options.json)
    return 0 if theirs or options.no_peer else 1


def _cores() -> tuple[int, set[int]]:
    """The core of the server that is measured, and those for everything else."""
    if not hasattr(os, "sched_setaffinity"):
        raise Problem("This benchmark pins processes to a core, which needs Linux.")
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise Problem("This benchmark needs two cores: one for the server, one for the load.")
    return first, set(others)


def _require_space(folder: Path, gib: int) -> None:
    if shutil.disk_usage(folder).free < gib * 2**30:
        raise Problem(f"Recording needs {gib} GiB of free disk space below {folder}.")


async def _measure_ours(
    process: int, core: int, channels: list[Channel], sent: film.Film, plan: Plan
) -> Ours:
    idle = usage(process)
    load = Load(sent, [channel.rtmp_url for channel in channels])
    viewers: list[PartViewer] = []
    memory: list[float] = []
    async with aiohttp.ClientSession() as session:

        async def step(count: int) -> Step:
            say(f"{count} channels …")
            await load.grow(count)
            while len(viewers) < VIEWERS and len(viewers) * VIEWER_EVERY < len(load.encoders):
                number = len(viewers) * VIEWER_EVERY
                viewers.append(PartViewer(session, channels[number].playback_url, load.encoders[number]))
            await asyncio.sleep(plan.settle)
            result = await _window(process, core, load, viewers, plan.window)
            memory.append((result.rss_mib - idle.rss_mib) / count)
            say(
                f"  its core {result.cpu:.0%} (others {result.others:.0%}), {result.rss_mib:.0f} MiB,"
                f" latest part {result.lateness:.3f} s, latest sending {result.lag:.3f} s"
            )
            return result

        try:
            reference = await step(REFERENCE)
            best, end = await _ramp(step, reference, plan)
        finally:
            for viewer in viewers:
                viewer.task.cancel()
            load.close()
    return Ours(reference, best, end, max(memory))


async def _ramp(
    step: Callable[[int], Awaitable[Step]], reference: Step, plan: Plan
) -> tuple[Step | None, str]:
    """Add channels until a part is late. A step that fails is measured once more: others use the machine too."""
    best = reference if reference.in_time else None
    for count in (*(() if best else (REFERENCE,)), *_counts(reference, plan)):
        try:
            result = await step(count)
            if not result.in_time:
                result = await step(count)
        except Problem as problem:
            return best, f"with {count}: {problem}"
        if not result.in_time:
            why = "a part was late" if result.lateness > LATE_SECONDS else "the processor was full"
            return best, f"{why} with {count}"
        best = result
    return best, f"nothing was late with {best.channels if best else 0}, the most that were tried"


def _counts(reference: Step, plan: Plan) -> Iterator[int]:
    """Growing numbers of channels, around what one core would carry if each took what it takes now."""
    capacity = reference.channels / max(reference.cpu, 0.01)
    last = REFERENCE
    for share in plan.shares:
        count = min(math.floor(capacity * share), MOST_CHANNELS)
        if count > last:
            yield count
            last = count


async def _window(group: int, core: int, load: Load, viewers: list[PartViewer], seconds: float) -> Step:
    """Measure the server, a process group on this core. Problem if an encoder or a viewer has lost its stream."""
    for viewer in viewers:
        viewer.forget()
    load.worst_lag()
    loop = asyncio.get_running_loop()
    begin, before, busy_before = loop.time(), usage(group), busy_seconds(core)
    memory = []
    while loop.time() < begin + seconds:
        await asyncio.sleep(0.5)
        memory.append(usage(group).rss_mib)
    took, after, busy_after = loop.time() - begin, usage(group), busy_seconds(core)
    cpu = (after.cpu_seconds - before.cpu_seconds) / took
    load.require_all()
    for viewer in viewers:
        if viewer.task.done():
            raise Problem(f"A viewer lost the stream: {viewer.task.exception()!r}.")
    return Step(
        channels=len(load.encoders),
        cpu=cpu,
        others=max(0.0, (busy_after - busy_before) / took - cpu),
        rss_mib=statistics.median(memory),
        lateness=max(
            (late for viewer in viewers for late in viewer.lateness), default=seconds if viewers else 0.0
        ),
        lag=load.worst_lag(),
    )


def _measure_peer(folder: Path, core: int, sent: film.Film, plan: Plan) -> tuple[float, Step] | None:
    """The same load on the peer: its memory without channels, MiB, and what it uses with them."""
    try:
        with nginx_rtmp(folder) as peer:
            pin(peer.child.pid, {core})
            idle = usage(peer.child.pid)
            load = Load(sent, [peer.rtmp_url(f"channel-{number}") for number in range(REFERENCE)])

            async def run() -> Step:
                say(f"{REFERENCE} channels to nginx-rtmp …")
                try:
                    await load.grow(REFERENCE)
                    await asyncio.sleep(min(plan.settle, 5))
                    return await _window(peer.child.pid, core, load, [], plan.window)
                finally:
                    load.close()

            return idle.rss_mib, uvloop.run(run())
    except Problem as problem:
        say(f"The peer is left out: {problem}")
        return None


def _tell(ours: Ours, peer: tuple[float, Step] | None, sent: film.Film, *, as_json: bool) -> None:
    carried = ours.best.channels if ours.best else 0
    cpu = 100 * ours.reference.cpu / REFERENCE
    peer_cpu = 100 * peer[1].cpu / REFERENCE if peer else None
    peer_rss = (peer[1].rss_mib - peer[0]) / REFERENCE if peer else None
    figures: dict[str, report.Figure] = {
        "channels_per_core": carried,
        "cpu_percent_per_channel": cpu,
        "rss_mib_per_channel": ours.rss_mib_per_channel,
        "peer_cpu_percent_per_channel": peer_cpu,
        "peer_rss_mib_per_channel": peer_rss,
        "reference_channels": REFERENCE,
        "latest_part_s": ours.reference.lateness,
        "latest_part_at_most_channels_s": ours.best.lateness if ours.best else None,
        "limit": ours.end,
        "load_client_lag_s": max(ours.reference.lag, ours.best.lag if ours.best else 0),
        "mbit_per_channel": sent.bits_per_second / 1e6,
        "others_cpu_percent": 100 * ours.reference.others,
        "load_average": report.load_average(),
    }
    rows: list[report.Row] = [
        ("channels a core carries", carried, None),
        ("processor per channel, % of a core", cpu, peer_cpu),
        ("memory per channel, MiB", ours.rss_mib_per_channel, peer_rss),
        (f"latest part with {REFERENCE} channels, s", ours.reference.lateness, None),
    ]
    notes = [
        f"1080p30 at {sent.bits_per_second / 1e6:.1f} Mbit/s; use per channel measured with {REFERENCE} channels.",
        f"Target: {REFERENCE} channels a core: {'met' if carried >= REFERENCE else 'missed'}. What ended the ramp:"
        f" {ours.end}",
        f"Other programs used {ours.reference.others:.0%} of the server's core; load average"
        f" {report.load_average():.1f}.",
    ]
    report.tell(figures, as_json=as_json, peer="nginx-rtmp", rows=rows, notes=notes)


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
