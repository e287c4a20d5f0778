"""A throw-away MariaDB for the tests that need a second database server."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from devtools.problem import Problem
from devtools.processes import Child, output_of, succeeds, wait_for
from devtools.system_packages import apt_install

_SETTINGS = {
    "skip-networking": "1",
    "max-connections": "200",
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_unicode_ci",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-lock-wait-timeout": "60",
    "performance-schema": "0",
}


@contextmanager
def throw_away_database() -> Iterator[str]:
    """Give the DATABASE_URL of a new, empty server, removed afterwards; Problem if there is no way to one.

    It listens on a Unix socket in a folder that only its owner can enter, so that no password is needed, and
    does not care for its data.
    """
    server, install = _programs()
    folder = Path(tempfile.mkdtemp(prefix="livecommerce-mariadb-"))
    try:
        user = _account()
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        data, socket = folder / "data", folder / "socket"
        output_of(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            user=user,
            cwd=folder,
            doing="Creating a MariaDB",
        )
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        child = Child(
            "mariadb",
            [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}", *settings],
            on_line=lambda line: None,
            cwd=folder,
            user=user,
        )
        try:
            if not wait_for(lambda: _create(socket), 30, unless=lambda: not child.is_running()):
                raise Problem(f"MariaDB did not start:\n{child.last_lines()}")
            yield f"mysql://root@{quote(str(socket), safe='')}/livecommerce"
        finally:
            child.stop(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> tuple[str, str]:
    """The server and the program that makes its folder: on this machine, else from apt."""
    found = _installed()
    if not found and apt_install("mariadb-server"):
        found = _installed()
    if not found:
        raise Problem(
            "No MariaDB was found: install it (Debian: apt-get install mariadb-server)"
            " or give TEST_MARIADB_URL."
        )
    return found


def _installed() -> tuple[str, str] | None:
    """Whole paths: the account that runs them may not be able to look at ours."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
    server, install = (shutil.which(name, path=path) for name in ("mariadbd", "mariadb-install-db"))
    return (server, install) if server and install else None


def _account() -> str | None:
    """MariaDB refuses to run as root: the account to use instead, None if we are not root."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in accounts else "nobody"


def _create(socket: Path) -> bool:
    """Make the database once the server answers; whether it is there."""
    statement = "CREATE DATABASE IF NOT EXISTS livecommerce CHARACTER SET utf8mb4"
    return socket.exists() and succeeds(
        ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "-e", statement]
    )
