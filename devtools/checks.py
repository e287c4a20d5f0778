"""`./dev lint` and `./dev test`."""

import base64
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from devtools import browser_libraries, environment, services
from devtools.paths import PYTHON
from devtools.processes import run
from devtools.stages import Stage, run_stages

_PYTEST = (PYTHON, "-m", "pytest")


def prepare() -> None:
    """Have what checks, tests and benchmarks need installed."""
    with environment.installing_alone():
        environment.prepare(environment.DEVELOP)
        browser_libraries.prepare()


def lint() -> int:
    """Style, types, missing migrations and the deployment check; the exit code."""
    prepare()
    with _lint_stages() as stages:
        return run_stages(stages)


def test(arguments: list[str]) -> int:
    """One pytest run with these arguments, or without any the checks and every test on every database."""
    prepare()
    with ExitStack() as running:
        plain = services.plain_environment() | running.enter_context(services.redis())

        @cache  # started for the first stage that wants it, for all
        def postgres() -> Mapping[str, str]:
            return plain | running.enter_context(services.postgres())

        @cache
        def browser() -> Mapping[str, str]:
            return {**postgres(), **running.enter_context(services.browser())}

        if arguments:
            return run([*_PYTEST, *arguments], env=browser())
        return run_stages(
            [
                *running.enter_context(_lint_stages()),
                Stage(
                    name="Tests on PostgreSQL",
                    command=[*_PYTEST, "-n", "2", "-m", "not browser"],
                    environment=postgres,
                ),
                Stage(
                    name="Tests on SQLite",
                    command=[*_PYTEST, "-n", "2", "-m", "not browser and not postgres"],
                    environment=lambda: plain,
                ),
                Stage(name="Browser journeys", command=[*_PYTEST, "-m", "browser"], environment=browser),
            ]
        )


@contextmanager
def _lint_stages() -> Iterator[list[Stage]]:
    with tempfile.TemporaryDirectory(prefix="livecommerce-lint-") as folder:
        production = services.plain_environment() | _production_settings(Path(folder))
        local = production | {
            "DEBUG": "1",
            "ALLOWED_HOSTS": "",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        }
        tools = services.plain_environment()
        yield [
            Stage(name="ruff check", command=[PYTHON, "-m", "ruff", "check"], environment=lambda: tools),
            Stage(
                name="ruff format",
                command=[PYTHON, "-m", "ruff", "format", "--check"],
                environment=lambda: tools,
            ),
            Stage(name="mypy", command=[PYTHON, "-m", "mypy"], environment=lambda: local),
            Stage(
                name="Missing migrations",
                command=[PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
                environment=lambda: local,
            ),
            Stage(
                name="Deployment check",
                command=[PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
                environment=lambda: production,
            ),
        ]


def _production_settings(data: Path) -> dict[str, str]:
    """Such as a real site has; nothing is connected to."""
    return {
        "DATA_DIR": str(data),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INGEST_CONTROL_SECRET": secrets.token_urlsafe(32),
        "ALLOWED_HOSTS": "shop.example",
        "SITE_URL": "https://shop.example",
        "DATABASE_URL": "postgres://shop@database.example/shop",
        "REDIS_URL": "redis://redis.example/0",
        "INGEST_PUBLIC_RTMP_URL": "rtmp://live.shop.example/live",
        "INGEST_PUBLIC_HTTP_URL": "https://live.shop.example",
    }
