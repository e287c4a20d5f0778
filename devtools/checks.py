"""`./dev lint` and `./dev test`."""

from contextlib import ExitStack
from functools import cache

from devtools import browser_libraries, environment, services
from devtools.paths import PYTHON
from devtools.processes import Command, run
from devtools.stages import Stage, run_stages

_PYTEST: Command = [PYTHON, "-m", "pytest"]
_RACES = ("tests/test_races.py", "tests/test_rush.py")


def prepare() -> None:
    """Have what checks, tests and benchmarks need installed."""
    with environment.installing_alone():
        environment.prepare(environment.DEVELOP)
        browser_libraries.prepare()


def lint() -> int:
    """Style, types, missing migrations and the deployment check; the exit code."""
    prepare()
    with services.test_environment() as plain:
        return run_stages(_lint_stages(plain))


def test(arguments: list[str]) -> int:
    """One pytest run with these arguments, or without any the checks and every test, those of the database on both,
    and the races of buying on a third."""
    prepare()
    with ExitStack() as running:
        plain = running.enter_context(services.test_environment())
        sqlite = plain | running.enter_context(services.redis())

        @cache  # started for the first stage that wants it, for all
        def postgres() -> dict[str, str]:
            return sqlite | running.enter_context(services.postgres())

        @cache
        def mariadb() -> dict[str, str]:
            return sqlite | running.enter_context(services.mariadb())

        @cache
        def browser() -> dict[str, str]:
            return postgres() | running.enter_context(services.browser())

        if arguments:
            return run([*_PYTEST, *arguments], env=browser())
        parallel: Command = [*_PYTEST, "-n", "2"]
        return run_stages(
            [
                *_lint_stages(plain),
                Stage("Tests on PostgreSQL", [*parallel, "-m", "not browser"], postgres),
                Stage(
                    "Tests on SQLite",
                    [*parallel, "--database-only", "-m", "not browser and not postgres"],
                    lambda: sqlite,
                ),
                Stage("Races on MariaDB", [*_PYTEST, *_RACES], mariadb),
                Stage("Browser journeys", [*_PYTEST, "-m", "browser"], browser),
            ]
        )


def _lint_stages(plain: dict[str, str]) -> list[Stage]:
    manage: Command = [PYTHON, "manage.py"]
    return [
        Stage("ruff check", [PYTHON, "-m", "ruff", "check", "--no-cache"], lambda: plain),
        Stage("ruff format", [PYTHON, "-m", "ruff", "format", "--check"], lambda: plain),
        Stage("mypy", [PYTHON, "-m", "mypy"], lambda: plain),
        Stage("Missing migrations", [*manage, "makemigrations", "--check", "--dry-run"], lambda: plain),
        Stage(
            "Deployment check",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            lambda: plain | _PRODUCTION,
        ),
    ]


# Such as a real site has; nothing is connected to.
_PRODUCTION = {
    "DEBUG": "0",
    "ALLOWED_HOSTS": "shop.example",
    "SITE_URL": "https://shop.example",
    "DATABASE_URL": "postgres://shop@database.example/shop",
    "REDIS_URL": "redis://redis.example/0",
    "TOSS_SECRET_KEY": "live_sk_example",
    "INGEST_PUBLIC_RTMP_URL": "rtmp://live.shop.example/live",
    "INGEST_PUBLIC_HTTP_URL": "https://live.shop.example",
}
