"""What processes use, from /proc (Linux)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Processor seconds so far, those of ended children included, and MiB of memory now."""

    cpu_seconds: float
    rss_mib: float


def usage(group: int) -> Usage:
    """Sum over a process group."""
    members = list(_members(group))
    # Fields by proc(5), which counts from 1 and has two before these: utime, stime, cutime, cstime; rss.
    ticks = sum(sum(map(int, fields[11:15])) for _, fields in members)
    pages = sum(int(fields[21]) for _, fields in members)
    return Usage(ticks / _TICKS, pages * _PAGE / 2**20)


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
    for process, _ in _members(group):
        for thread in (process / "task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def _members(group: int) -> Iterator[tuple[Path, list[str]]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which is in brackets and may hold anything: state, parent, group …
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[2]) == group:
            yield process, fields
