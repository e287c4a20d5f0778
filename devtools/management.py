"""`./dev manage`: a management command in the site of this machine, running or not."""

import os
import tempfile
from pathlib import Path

from devtools import data_folder, environment, local_secrets, redis_server
from devtools.paths import PYTHON
from devtools.processes import Command, run_in_terminal
from devtools.site_environment import DEFAULT_PORTS, site_environment


def manage(arguments: list[str]) -> int:
    """Run manage.py with these arguments and return its exit code.

    It uses the Redis of the running site; when none runs, an empty one for as long as the command takes.
    """
    with environment.installing_alone():
        environment.prepare(environment.RUN)
    command: Command = [PYTHON, "manage.py", *arguments]
    data = data_folder.folder()
    if running := data_folder.running_environment(data):
        return run_in_terminal(command, env={**os.environ, **running})
    if given := os.environ.get("REDIS_URL"):
        return run_in_terminal(command, env=_environment(data, given))
    with tempfile.TemporaryDirectory(prefix="livecommerce-redis-") as folder:
        server, url = redis_server.start(Path(folder), on_line=lambda line: None)
        try:
            return run_in_terminal(command, env=_environment(data, url))
        finally:
            server.stop(5)


def _environment(data: Path, redis_url: str) -> dict[str, str]:
    data.mkdir(parents=True, exist_ok=True)
    secrets = local_secrets.load_or_create(data / "secrets.env")
    return {**site_environment(data, DEFAULT_PORTS, redis_url, secrets), **os.environ}
