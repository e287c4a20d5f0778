"""What processes use, from /proc (Linux)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Processor seconds so far and MiB of memory now."""

    cpu_seconds: float
    rss_mib: float


def usage(group: int) -> Usage:
    """Sum over a process group, but for ffmpeg: a server runs that once per show, for a still picture."""
    members = [fields for _, name, fields in _members(group) if not name.startswith("ffmpeg")]
    # Fields by proc(5), which counts from 1 and has two before these: utime, stime; rss.
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in members)
    pages = sum(int(fields[21]) for fields in members)
    return Usage(ticks / _TICKS, pages * _PAGE / 2**20)


def process_usage(pid: int) -> Usage:
    """Of one process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Usage((int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE / 2**20)


def cpu_seconds_with_children(group: int) -> float:
    """Processor seconds of a process group so far, whatever it has started and waited for included."""
    return sum(sum(map(int, fields[11:15])) for _, _, fields in _members(group)) / _TICKS


def resident_mib(group: int) -> float:
    """Memory of a process group now, of every process in it."""
    return sum(int(fields[21]) for _, _, fields in _members(group)) * _PAGE / 2**20


def busy_seconds(core: int) -> float:
    """How long this core has been at work so far, whoever it was for."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *values = line.split()
        if name == f"cpu{core}":
            user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, values[:8])
            return (user + nice + system + interrupts + soft_interrupts + stolen) / _TICKS
    raise ValueError(f"no core {core}")


def pin(group: int, cores: set[int]) -> None:
    """Keep a process group, with the threads and children it has and will have, on these cores."""
    for process, _, _ in _members(group):
        for thread in (process / "task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def _members(group: int) -> Iterator[tuple[Path, str, list[str]]]:
    """Each process's folder, its name, and what /proc tells behind that: state, parent, group …"""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            before, _, after = (process / "stat").read_text().rpartition(")")
        except OSError:  # it has ended meanwhile
            continue
        fields = after.split()
        if int(fields[2]) == group:
            yield process, before.partition("(")[2], fields
