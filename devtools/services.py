"""What tests and benchmarks run against: Redis, PostgreSQL and MariaDB of their own, and a Chromium."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools import chromium, mariadb_server, postgres_server, redis_server
from devtools.local_secrets import new_secrets
from devtools.site_environment import SITE_VARIABLES


@contextmanager
def test_environment() -> Iterator[dict[str, str]]:
    """Our environment with made-up secrets and an empty data folder.

    Whatever in ours would point a test to a real site's database, Redis or files is left out.
    """
    with tempfile.TemporaryDirectory(prefix="livecommerce-test-") as folder:
        yield {
            **{name: value for name, value in os.environ.items() if name not in SITE_VARIABLES},
            **new_secrets(),
            "DEBUG": "1",
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        }


@contextmanager
def redis() -> Iterator[dict[str, str]]:
    """A throw-away Redis: REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="livecommerce-redis-") as folder:
        server, url = redis_server.start(Path(folder), on_line=lambda line: None)
        try:
            yield {"REDIS_URL": url}
        finally:
            server.stop(5)


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """The PostgreSQL that TEST_DATABASE_URL names, else a throw-away one: DATABASE_URL."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield {"DATABASE_URL": given}
    else:
        with postgres_server.throw_away_database() as url:
            yield {"DATABASE_URL": url}


@contextmanager
def mariadb() -> Iterator[dict[str, str]]:
    """The MariaDB or MySQL that TEST_MARIADB_URL names, else a throw-away one: DATABASE_URL."""
    if given := os.environ.get("TEST_MARIADB_URL"):
        yield {"DATABASE_URL": given}
    else:
        with mariadb_server.throw_away_database() as url:
            yield {"DATABASE_URL": url}


@contextmanager
def browser() -> Iterator[dict[str, str]]:
    """A Chromium: CHROMIUM_PATH."""
    yield {"CHROMIUM_PATH": chromium.find()}
