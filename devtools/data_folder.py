"""The folder of the site on this machine: used by one ./dev at a time, removable."""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.paths import DATA
from devtools.problem import Problem

_LEAST_FREE = 1 << 30  # bytes


def folder() -> Path:
    """DATA_DIR if given, else var/ in the checkout."""
    return Path(os.environ.get("DATA_DIR", DATA)).resolve()


@contextmanager
def used_alone(data: Path) -> Iterator[None]:
    """Hold the folder for this process; Problem, naming the other process, if one has it.

    The kernel gives the lock back however the process ends, so nothing stale can be in the way.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Problem(
                f"./dev run is already running here (process {holder}): stop it with Ctrl-C in its terminal."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def is_used(data: Path) -> bool:
    """Whether a ./dev holds the folder now."""
    if not (data / "lock").exists():
        return False
    with (data / "lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def require_space(data: Path) -> None:
    """Problem if the disk is about to be full."""
    free = shutil.disk_usage(data).free
    if free < _LEAST_FREE:
        raise Problem(
            f"Only {free >> 20} MiB are free on the disk of {data}: the site and its recordings need 1 GiB."
        )


def publish_environment(data: Path, environment: dict[str, str]) -> None:
    """Let `./dev manage` reach the running site: the variables it adds to ours, readable by the owner only."""
    file = data / "running.json"
    file.touch(mode=0o600)
    added = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    file.write_text(json.dumps(added))


def running_environment(data: Path) -> dict[str, str] | None:
    """What the site that runs in this folder has published, None when none runs."""
    file = data / "running.json"
    if not is_used(data) or not file.exists():
        return None
    environment: dict[str, str] = json.loads(file.read_text())
    return environment


def reset(*, sure: bool) -> bool:
    """Remove var/ and all that is in it; False if the person at the terminal says no."""
    if not DATA.exists():
        return True
    with used_alone(DATA):
        if not sure:
            if not sys.stdin.isatty():
                raise Problem("This removes var/ with its database and recordings: confirm with --yes.")
            answer = input(f"Remove {DATA} with its database and recordings? [y/N] ")
            if answer.strip().lower() not in ("y", "yes"):
                return False
        shutil.rmtree(DATA)
    return True
