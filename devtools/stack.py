"""The whole product on this machine: Redis, web, workers, beat and ingest, from one data folder."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Self

from devtools import local_secrets, redis_server, stamps
from devtools.environment import RUN
from devtools.paths import PYTHON, ROOT
from devtools.ports import LOOPBACK, Ports, answers
from devtools.problem import Problem
from devtools.processes import Child, Command, output_of, stop_together, wait_for
from devtools.site_environment import database_file, site_environment

# Who stops together, and in which order: first what makes work, last what the others need.
_STOP_ORDER = ({"demo"}, {"beat", "web", "ingest", "events"}, {"worker", "transcoder"}, {"redis"})
_STOP_SECONDS = 10.0


class Stack:
    """The product's processes, started from the calling thread and stopped together.

    As a context manager it is up, with an empty database, when the block begins:

        with Stack(tmp_path) as stack:
            browser.goto(stack.site_url)

    `overrides` are variables that win over the stack's own (a DATABASE_URL, say). Without `redis_url` it
    starts a Redis of its own. `on_line(name, line)` is told every line of output, from other threads; the
    same lines are in the files that `log` names.
    """

    def __init__(
        self,
        data: Path,
        *,
        ports: Ports | None = None,
        overrides: Mapping[str, str] | None = None,
        redis_url: str | None = None,
        on_line: Callable[[str, str], None] = lambda name, line: None,
    ) -> None:
        self.data = data.resolve()
        self.ports = ports or Ports.free()
        self.environment: dict[str, str] = {}
        self._overrides = dict(overrides or {})
        self._redis_url = redis_url
        self._on_line = on_line
        self._children: dict[str, Child] = {}
        self._logs: dict[str, IO[str]] = {}

    def __enter__(self) -> Self:
        try:
            self.open()
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def site_url(self) -> str:
        return self.environment["SITE_URL"]

    @property
    def rtmp_url(self) -> str:
        """The server address an encoder is given; the stream key comes behind it."""
        return self.environment["INGEST_PUBLIC_RTMP_URL"]

    @property
    def origin_url(self) -> str:
        return self.environment["INGEST_PUBLIC_HTTP_URL"]

    def log(self, name: str) -> Path:
        """The file with everything the named process has printed in this run."""
        return self.data / "log" / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id of one that was started, or of redis unless it was given from outside."""
        return self._children[name].pid

    def open(self) -> None:
        """Have the folder, the secrets, Redis and a migrated database."""
        (self.data / "log").mkdir(parents=True, exist_ok=True)
        secrets = local_secrets.load_or_create(self.data / "secrets.env")
        if not self._redis_url:
            child, self._redis_url = redis_server.start(self.data / "redis", on_line=self._sink("redis"))
            self._children["redis"] = child
        site = site_environment(self.data, self.ports, self._redis_url, secrets)
        self.environment = {**os.environ, **site, **self._overrides}
        self._migrate()

    def start(self) -> None:
        """Start web, worker, transcoder, beat and ingest."""
        for name in ("web", "worker", "transcoder", "beat", "ingest"):
            self.start_process(name)

    def start_process(self, name: str) -> None:
        """Start one process, also again, after it was killed.

        Besides those of `start`: demo, events (the queue's reader, which only a site on AWS needs), and our own
        redis, where it was.
        """
        self._children[name] = Child(
            name, self._command(name), on_line=self._sink(name), env=self.environment
        )

    def kill(self, name: str) -> None:
        """Kill one process as a crash would (SIGKILL), along with what it had started."""
        child = self._children.pop(name)
        child.kill()
        child.stop(0)

    def manage(self, *arguments: str) -> str:
        """Run a management command in this site and return what it printed; Problem if it fails."""
        return output_of(
            [PYTHON, "manage.py", *arguments], env=self.environment, doing=f"manage.py {arguments[0]}"
        )

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Return once the site and the ingest server answer; Problem if one ends or time runs out."""
        wrong = "nothing answers yet"

        def is_ready() -> bool:
            nonlocal wrong
            wrong = self._not_ready()
            return not wrong

        if wait_for(is_ready, seconds, unless=lambda: bool(self.ended()), every=0.5):
            return
        self.require_running()
        raise Problem(f"The site was not ready after {seconds:.0f} s: {wrong}; see {self.data / 'log'}.")

    def ended(self) -> Child | None:
        """A process that has ended by itself, if one has."""
        return next((child for child in self._children.values() if not child.is_running()), None)

    def require_running(self) -> None:
        """Problem, with its last lines, if a process has ended by itself."""
        if child := self.ended():
            raise Problem(f"{child.name} ended unexpectedly ({child.how_it_ended()}):\n{child.last_lines()}")

    def stop(self) -> None:
        """Stop every process and what they have started; harmless when repeated."""
        for names in _STOP_ORDER:
            stop_together([self._children[name] for name in names & self._children.keys()], _STOP_SECONDS)
        self._children.clear()
        for log in self._logs.values():
            log.close()
        self._logs.clear()

    def _command(self, name: str) -> Command:
        match name:
            case "web":
                return [PYTHON, *UVICORN, "--host", LOOPBACK, "--port", str(self.ports.web)]
            case "worker":
                return [PYTHON, *_CELERY, *_WORKER, "--hostname=worker@%h", "--concurrency=2"]
            case "transcoder":
                names = ("--hostname=transcoder@%h", "--queues=transcode")
                return [PYTHON, *_CELERY, *_WORKER, *names, "--concurrency=1"]
            case "beat":
                return [
                    PYTHON,
                    *_CELERY,
                    "beat",
                    "--pidfile=",
                    f"--schedule={self.data / 'celerybeat-schedule'}",
                ]
            case "ingest":
                return [PYTHON, "manage.py", "ingest"]
            case "events":
                return [PYTHON, "manage.py", "consume_events"]
            case "demo":
                return [PYTHON, "manage.py", "publish_demo"]
            case "redis":
                return redis_server.command(self.data / "redis")
        raise ValueError(f"no such process: {name}")

    def _sink(self, name: str) -> Callable[[str], None]:
        log = self._logs.get(name) or self.log(name).open("w", buffering=1)
        self._logs[name] = log

        def write(line: str) -> None:
            log.write(line + "\n")
            self._on_line(name, line)

        return write

    def _migrate(self) -> None:
        """Migrate, unless it is our own file and was migrated with the same migrations and packages."""
        file = database_file(self.data)
        stamp = self.data / "migrated"
        wanted = stamps.digest([*ROOT.glob("*/migrations/*.py"), RUN])
        own = self.environment["DATABASE_URL"] == f"sqlite:///{file}"
        if not (own and file.exists() and stamps.is_current(stamp, wanted)):
            self.manage("migrate", "--no-input")
            if own:
                stamps.write(stamp, wanted)
        self._refresh_addresses()

    def _refresh_addresses(self) -> None:
        """Write the video's addresses into the rows anew when they are not those of the last start."""
        stamp = self.data / "addresses"
        wanted = f"{self.rtmp_url} {self.origin_url}"
        if stamps.is_current(stamp, wanted):
            return
        self.manage("refresh_addresses")
        stamps.write(stamp, wanted)

    def _not_ready(self) -> str:
        """What is still missing, "" when nothing is."""
        for port, name in ((self.ports.rtmp, "RTMP"), (self.ports.origin, "video origin")):
            if not answers(LOOPBACK, port):
                return f"nothing answers at the {name} port {port}"
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.ports.web}/readyz", timeout=10):
                return ""
        except urllib.error.HTTPError as error:
            return _failed_checks(error.read())
        except OSError as error:
            return f"nothing answers at {self.site_url} ({error})"


UVICORN = (
    *("-m", "uvicorn", "livecommerce.asgi:application"),
    # Rooms send each frame to many viewers as it is; compressing it for each would cost more than it saves.
    *("--ws", "chat.room.server:RoomProtocol", "--ws-per-message-deflate", "false", "--ws-max-size", "65536"),
    *("--lifespan", "off", "--no-access-log", "--log-level", "warning"),
    *("--timeout-graceful-shutdown", "3"),
)
_WORKER = ("worker", "--without-mingle", "--without-gossip")
_CELERY = ("-m", "celery", "--quiet", "--app", "livecommerce")


def _failed_checks(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(f"{name}: {result}" for name, result in checks.items() if result != "ok")
    except (ValueError, KeyError):
        return "/readyz answers with an error"
