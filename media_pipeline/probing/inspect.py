"""The process that looks into a file: `python -m media_pipeline.probing.inspect`, started by `probe`.

Its standard input is the file's path or http(s) address (signed addresses must not show in a list of processes),
its standard output one JSON object: {"facts": …}, {"refused": code} or {"unreadable": why}.
"""

import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from typing import IO

import av

from media_pipeline.probing.facts import Refused
from media_pipeline.probing.looking import look
from media_pipeline.probing.range_reader import RangeReader, ReadTooMuch, SourceError

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 15
KILLED_LATER = 2
"""The soft limit ends the process with SIGXCPU, which says why; the hard one kills it without a word."""
WALL_SECONDS = 30
"""For a process whose parent died: the parent itself waits less long."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + KILLED_LATER))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    av.logging.set_level(None)
    print(json.dumps(answer(sys.stdin.readline().rstrip("\n"))))  # noqa: T201 what the parent waits for


def answer(address: str) -> dict[str, object]:
    """Look at a path or an http(s) address."""
    try:
        with _open(address) as file:
            return {"facts": asdict(look(file))}
    except Refused as refusal:
        return {"refused": refusal.code}
    except SourceError as error:
        return {"unreadable": str(error)}
    except ReadTooMuch:
        return {"refused": "no_index"}
    except MemoryError:
        return {"refused": "not_a_video"}
    except OSError as error:
        return {"unreadable": os.strerror(error.errno) if error.errno else type(error).__name__}


def _open(address: str) -> IO[bytes] | RangeReader:
    if address.startswith(("http://", "https://")):
        return RangeReader(address)
    return open(address, "rb")  # noqa: SIM115 the caller closes it


if __name__ == "__main__":
    main()
