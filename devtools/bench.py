"""`./dev bench`: one of the scripts in benchmarks/, with the services that tests have."""

from contextlib import ExitStack

from devtools import checks, services
from devtools.paths import PYTHON, ROOT
from devtools.problem import Problem
from devtools.processes import run

_FOLDER = ROOT / "benchmarks"


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))


def bench(name: str, options: list[str]) -> int:
    """Run a benchmark with --quick and --json as given; its exit code. Problem for a name there is not."""
    if name not in names():
        raise Problem(f"There is no benchmark {name!r}; there are: {', '.join(names()) or 'none yet'}.")
    checks.prepare()
    with ExitStack() as running:
        env = running.enter_context(services.test_environment())
        for service in (services.redis, services.postgres, services.browser):
            env |= running.enter_context(service())
        return run([PYTHON, "-m", f"benchmarks.{name}", *options], env=env)
