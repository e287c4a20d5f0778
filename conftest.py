"""What every test may use. The environment is complete before Django reads its settings."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

import django
import pytest
from django.conf import settings

from tests.mysql_driver import have_mysql_driver


def start_redis() -> str:
    """Start a Redis of the tests' own, ended with them, and return its address."""
    server = shutil.which("redis-server")
    if server is None:
        raise pytest.UsageError(
            "These tests need Redis: set REDIS_URL, install redis-server, or run ./dev test."
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.wait)
    atexit.register(process.terminate)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return f"redis://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.02)
    raise pytest.UsageError("redis-server did not start within 10 s")


have_mysql_driver()
# Named here rather than in pyproject.toml: there it would be read before the lines below.
os.environ["DJANGO_SETTINGS_MODULE"] = "livecommerce.settings"
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("SECRET_KEY", "test-" + "k" * 60)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "b3S0OTvJ3GFh4B-2Uo0k2k5m5cIRUqlQ6sFxJm1nXrE=")
os.environ.setdefault("INGEST_CONTROL_SECRET", "test-control-secret")
os.environ["INGEST_CONTROL_URL"] = (
    "http://127.0.0.1:9"  # nobody there, also while the site runs on this machine
)
os.environ.setdefault("DATABASE_POOL_SIZE", "0")  # race tests open one connection per thread
os.environ.setdefault("SHARED_SECONDS", "0")  # a test looks right after it did something
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="livecommerce-test-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['DATA_DIR']}/db.sqlite3")
# Parallel workers inherit the server's address and each use a database of their own in it.
if "TEST_REDIS_SERVER" not in os.environ:
    os.environ["TEST_REDIS_SERVER"] = (
        (os.environ.get("REDIS_URL") or start_redis()).rstrip("/").removesuffix("/0")
    )
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_SERVER']}/{_worker + 1}"

pytest_plugins = ["tests.browser", "tests.aws.fixtures", "tests.payments.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out the tests that use no database: for a second run on another one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    using, others = [], []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        uses = item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "live_server"}
        (using if uses else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = using


def pytest_configure() -> None:
    django.setup()
    # A parallel worker that inherited it would read the settings before the lines above.
    del os.environ["DJANGO_SETTINGS_MODULE"]
    from tests.emptying import empty_after_tests  # needs Django, which is set up only now

    empty_after_tests()
    # The real hash is slow on purpose; tests make members by the hundred.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_redis() -> Iterator[None]:
    """Every test begins without rate limits, queues or viewers of an earlier one."""
    yield
    from common.redis_client import redis_client

    redis_client().flushdb()
