"""A live room of ours to measure, and what measuring rooms needs."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.parts.databases import database
from benchmarks.parts.room_viewers import Outcome, Task
from benchmarks.parts.usage import pin
from devtools.paths import PYTHON, ROOT
from devtools.ports import LOOPBACK, answers
from devtools.problem import Problem
from devtools.processes import Child, Command, output_of, wait_for
from devtools.say import say
from devtools.stack import UVICORN

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SYNC = '{"type":"sync","after":null}'
START_SECONDS = 30
CLIENT_SECONDS = 120


@dataclass(frozen=True)
class Site:
    """Our room: the environment of its processes, the show's code, and a file of members' cookies."""

    env: Mapping[str, str]
    code: str
    cookies: Path

    def task(self) -> Task:
        """Viewers of this room, told through Redis as the site's own processes do; the rest is to be filled in."""
        return Task(
            ports=[],
            pids=[],
            path=f"/ws/rooms/{self.code}/",
            viewers=0,
            rate=0,
            seconds=0,
            speech="text",
            first=SYNC,
            redis=os.environ["REDIS_URL"],
            channel=f"room:{self.code}",
        )


def two_cores() -> tuple[int, int]:
    if not hasattr(os, "sched_setaffinity"):
        raise Problem("This benchmark pins processes to a core, which needs Linux.")
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise Problem("This benchmark needs two cores: one for the server, one for the viewers.")
    return first, others[0]


@contextmanager
def live_room(folder: Path, members: int) -> Iterator[Site]:
    with database("bench_room") as url:
        env = {**os.environ, "DATABASE_URL": url, **PRODUCTION}
        say("Making a live room …")
        output_of([PYTHON, "manage.py", "migrate", "-v0"], env=env, doing="Making our tables")
        cookies = folder / "cookies.txt"
        command: Command = [PYTHON, "-m", "benchmarks.parts.room_seed", str(members), cookies]
        code = output_of(command, env=env, doing="Filling our tables").split()[-1]
        yield Site(env, code, cookies)


PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "livecommerce.settings",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SITE_URL": "http://127.0.0.1:8000",
    "LOG_LEVEL": "ERROR",
    "SANDBOX_PAYMENTS": "1",
    # All viewers of this benchmark but the big room's come from one address.
    "ROOM_MAX_CONNECTIONS_PER_ADDRESS": "5000",
}


def server_command(port: int) -> Command:
    """What serves the site at this port, as in production."""
    return [PYTHON, *UVICORN, "--host", LOOPBACK, "--port", str(port), "--backlog", "4096"]


@contextmanager
def running(name: str, command: Command, env: Mapping[str, str], port: int, core: int) -> Iterator[Child]:
    """A server that answers at its port and keeps to one core. Problem if it does not start."""
    server = Child(name, command, env=env, on_line=lambda line: None)
    try:
        up = wait_for(lambda: answers(LOOPBACK, port), START_SECONDS, unless=lambda: not server.is_running())
        if not up:
            raise Problem(f"{name} did not start:\n{server.last_lines()}")
        pin(server.pid, {core})
        yield server
    finally:
        server.stop(3)


def visit(task: Task, core: int) -> Outcome:
    return Outcome(**client_answer("benchmarks.parts.room_viewers", task, core))


def client_answer(module: str, task: "DataclassInstance", core: int) -> dict[str, Any]:
    """Run a client module with its task on one core; return the line of JSON it answers. Problem if it fails."""
    command = [str(PYTHON), "-m", module, json.dumps(asdict(task))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {core})
    try:
        output, errors = process.communicate(timeout=CLIENT_SECONDS)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise Problem("The viewers did not come to an end.") from error
    if process.returncode:
        raise Problem(f"The viewers failed:\n{errors[-2000:]}")
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer
