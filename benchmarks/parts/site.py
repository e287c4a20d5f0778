"""The product's own ingest process with channels to publish to, as `manage.py ingest` runs for a site."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.paths import DATA
from devtools.ports import LOOPBACK, answers
from devtools.problem import Problem
from devtools.processes import wait_for
from devtools.stack import Stack

FOLDER = DATA / "bench"
"""Where benchmarks keep what they make once (a peer, a film to send) and write while they run."""

_START_SECONDS = 30


@dataclass(frozen=True)
class Channel:
    """Where an encoder publishes and where players look."""

    rtmp_url: str
    playback_url: str


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder on the disk that the site's data is on, removed afterwards."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=FOLDER, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def ingest(folder: Path, channels: int) -> Iterator[tuple[Stack, list[Channel]]]:
    """A running ingest process (`stack.pid("ingest")`), its SQLite database and files below `folder`."""
    stack = Stack(folder, redis_url=os.environ.get("REDIS_URL"))
    try:
        stack.open()
        stack.start_process("ingest")
        made = _create_channels(stack, channels)
        ports = (stack.ports.rtmp, stack.ports.origin)
        up = wait_for(
            lambda: all(answers(LOOPBACK, port) for port in ports),
            _START_SECONDS,
            unless=lambda: bool(stack.ended()),
        )
        stack.require_running()
        if not up:
            raise Problem(
                f"The ingest process did not listen within {_START_SECONDS} s; see {stack.log('ingest')}."
            )
        yield stack, made
    finally:
        stack.stop()


def _create_channels(stack: Stack, count: int) -> list[Channel]:
    """Make them through the site's streaming provider, in this process: settings are read from the environment."""
    os.environ.update(stack.environment, DJANGO_SETTINGS_MODULE="livecommerce.settings")
    import django

    django.setup()
    from broadcasts.streaming import streaming

    made = (streaming().create_channel(f"benchmark-{number}") for number in range(count))
    return [Channel(f"{stack.rtmp_url}/{channel.stream_key}", channel.playback_url) for channel in made]
