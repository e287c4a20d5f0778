"""Real server processes for tests, on the tests' own database."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

START_SECONDS = 90  # of a machine that is busy with other tests

UVICORN = (
    *("-m", "uvicorn", "livecommerce.asgi:application", "--host", "127.0.0.1", "--port", "{port}"),
    *("--ws", "chat.room.server:RoomProtocol", "--ws-per-message-deflate", "false", "--lifespan", "off"),
    *("--log-level", "warning", "--no-access-log"),
)
DAPHNE = ("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "-v", "0", "livecommerce.asgi:application")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def database_url() -> str:
    """The address of the database that tests write to."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    place = f"{quote(database['HOST'], safe='')}{':' if database['PORT'] else ''}{database['PORT']}"
    return f"postgres://{login}@{place}/{database['NAME']}"


class Server:
    """A web server process at `port`."""

    def __init__(self, arguments: tuple[str, ...] = UVICORN, **environment: str) -> None:
        self.port = free_port()
        self._log = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115 closed by `stop`
        self.process = subprocess.Popen(
            [sys.executable, *(argument.format(port=self.port) for argument in arguments)],
            env={**os.environ, "DATABASE_URL": database_url(), **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        if not wait_until(lambda: answers(self.port) or self.process.poll() is not None, START_SECONDS):
            self.kill()
        assert self.process.poll() is None, self.log()

    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8")

    def errors(self) -> list[str]:
        """The lines of its log that report errors."""
        return re.findall(r"^(?:.*\[(?:error|critical)|ERROR|CRITICAL).*", self.log(), re.MULTILINE)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()


@contextmanager
def serving(arguments: tuple[str, ...] = UVICORN, **environment: str) -> Iterator[Server]:
    server = Server(arguments, **environment)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis_at(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that a test may stop."""
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: answers(port))
        yield process
    finally:
        process.kill()
        process.wait()
