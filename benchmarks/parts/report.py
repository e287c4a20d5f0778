"""The options every benchmark takes and the ways it tells its figures."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from devtools.problem import Problem
from devtools.say import say

Figure = float | int | str | None
Figures = Mapping[str, Figure]
Row = tuple[str, Figure, Figure]
"""What, ours, the peer's."""


def run(description: str, measure: Callable[[argparse.Namespace], int]) -> int:
    """Read the options and measure; a Problem is told in one sentence. Returns the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="end within 60 s")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--no-peer", action="store_true", help="do not measure the other program beside ours")
    try:
        return measure(parser.parse_args())
    except Problem as problem:
        say(f"{os.path.basename(sys.argv[0])}: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130


def tell(figures: Figures, *, as_json: bool, peer: str, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Print the figures as one line of JSON, or the rows as a table with the notes below."""
    if as_json:
        print(json.dumps({name: _rounded(value) for name, value in figures.items()}), flush=True)
        return
    lines = [("", "ours", peer), *((what, _text(ours), _text(theirs)) for what, ours, theirs in rows)]
    width = max(len(line[0]) for line in lines)
    print()
    for what, ours, theirs in lines:
        print(f"  {what:<{width}}  {ours:>12}  {theirs:>14}")
    print()
    for note in notes:
        print(f"  {note}")
    print(flush=True)


def load_average() -> float:
    """How busy the machine has been over the last minute, ourselves included: 1 is one core."""
    return os.getloadavg()[0]


def _rounded(value: Figure) -> Figure:
    return round(value, 3) if isinstance(value, float) else value


def _text(value: Figure) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
