"""Processes that do one thing over and over at the same time, of ours or of another program.

Only the standard library: the peer's Python imports this too.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PATIENCE_SECONDS = 60
HEAD_START_SECONDS = 0.3
GIVES_UP_AFTER = 20
"""Refusals in a row: nothing is left."""


class SoldOut(Exception):
    """The shop said no: nothing is left."""


@dataclass(frozen=True)
class Result:
    """What all processes together did in one round."""

    times_ms: Sequence[float]
    """Of what succeeded, sorted."""
    refused: int
    errors: Mapping[str, int]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds

    def percentile(self, percent: float) -> float:
        """Milliseconds that so many per cent needed at most."""
        return self.times_ms[min(len(self.times_ms) - 1, int(len(self.times_ms) * percent / 100))]


class Buyers:
    """`count` processes of a module that calls `serve`. Use it as a context: they end with it."""

    def __init__(
        self, python: str | Path, module: str, env: Mapping[str, str], *, count: int, cwd: Path
    ) -> None:
        self._processes = [
            subprocess.Popen(
                [python, "-m", module, str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=dict(env),
                cwd=cwd,
                text=True,
            )
            for number in range(count)
        ]

    def __enter__(self) -> Self:
        try:
            for process in self._processes:
                self._read(process)
        except RuntimeError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait(PATIENCE_SECONDS)

    def run(self, what: str, seconds: float) -> Result:
        """Let all do `what` for so long, or until each was refused GIVES_UP_AFTER times in a row."""
        begin = time.monotonic() + HEAD_START_SECONDS
        order = json.dumps({"what": what, "begin": begin, "end": begin + seconds})
        for process in self._processes:
            print(order, file=process.stdin, flush=True)
        told = [self._read(process) for process in self._processes]
        errors: Counter[str] = Counter()
        for each in told:
            errors.update(each["errors"])
        return Result(
            times_ms=sorted(time_ms for each in told for time_ms in each["times_ms"]),
            refused=sum(each["refused"] for each in told),
            errors=errors,
            seconds=max(max(each["last"] for each in told) - begin, 0.001),
        )

    def _read(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        line = process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise RuntimeError(f"A buyer's process ended (exit code {process.wait()}).")
        return json.loads(line)


def serve(**deeds: Callable[[], None]) -> None:
    """Do what standard input asks for until it ends; the deeds may raise SoldOut."""
    tell, sys.stdout = sys.stdout, sys.stderr
    print("{}", file=tell, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(do(deeds[order["what"]], order["begin"], order["end"])), file=tell, flush=True)


def do(deed: Callable[[], None], begin: float, end: float) -> dict[str, Any]:
    """Do it from `begin` to `end` (monotonic seconds), or until it was refused GIVES_UP_AFTER times in a row."""
    times: list[float] = []
    errors: Counter[str] = Counter()
    refused, in_a_row = 0, 0
    time.sleep(max(0.0, begin - time.monotonic()))
    now = last = time.monotonic()
    while now < end and in_a_row < GIVES_UP_AFTER:
        try:
            deed()
        except SoldOut:
            refused, in_a_row = refused + 1, in_a_row + 1
        except Exception as error:  # noqa: BLE001 the report says what went wrong
            errors[f"{type(error).__name__}: {error}"[:120]] += 1
            in_a_row += 1
        else:
            in_a_row = 0
            last = time.monotonic()
            times.append(1000 * (last - now))
        now = time.monotonic()
    return {"times_ms": times, "refused": refused, "errors": errors, "last": last}
