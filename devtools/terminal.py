"""Lines of several processes in one terminal, each with its process's name before it."""

import sys
import threading
from typing import TextIO

_WIDTH = 10  # the longest name
_COLOURS = {
    "web": 36,
    "worker": 33,
    "transcoder": 33,
    "beat": 34,
    "ingest": 35,
    "events": 35,
    "demo": 32,
    "redis": 31,
}


class Terminal:
    """Where `./dev run` prints; whole lines only, from any thread, coloured names if asked to."""

    def __init__(self, stream: TextIO | None = None, *, colour: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._colour = colour
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """Print one line of a process."""
        label = f"{name:<{_WIDTH}}"
        if self._colour:
            label = f"\033[{_COLOURS.get(name, 37)}m{label}\033[0m"
        self.text(f"{label} │ {text}")

    def text(self, text: str) -> None:
        """Print as it is; quietly nothing once the terminal has gone."""
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except OSError:
                pass

    def bold(self, text: str) -> str:
        """The text as a heading."""
        return f"\033[1m{text}\033[0m" if self._colour else text
