"""Several checks, one after the other: all are run, and what failed is said at the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devtools.problem import Problem
from devtools.processes import Command, run
from devtools.say import say


@dataclass(frozen=True)
class Stage:
    """One check: a command that passes with exit code 0, and the variables it runs with.

    Where asking for the variables raises Problem, the stage has failed.
    """

    name: str
    command: Command
    environment: Callable[[], Mapping[str, str]]


def run_stages(stages: Sequence[Stage]) -> int:
    """Run them all, tell the times and return 0 only if all passed."""
    results: list[tuple[Stage, bool, float]] = []
    for stage in stages:
        say(f"\n── {stage.name} " + "─" * (70 - len(stage.name)))
        start = time.monotonic()
        results.append((stage, _passes(stage), time.monotonic() - start))
    say("\n── Summary " + "─" * 63)
    for stage, passed, seconds in results:
        say(f"  {'passed' if passed else 'FAILED'}  {seconds:6.1f} s  {stage.name}")
    failed = [stage.name for stage, passed, _ in results if not passed]
    say(f"\nFailed: {', '.join(failed)}." if failed else "\nEverything passed.")
    return 1 if failed else 0


def _passes(stage: Stage) -> bool:
    try:
        return run(stage.command, env=stage.environment()) == 0
    except Problem as problem:
        say(str(problem))
        return False
