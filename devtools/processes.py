"""Programs that ./dev starts: each in a process group of its own, none left behind."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from devtools.paths import ROOT
from devtools.problem import Problem
from devtools.say import tail

_LEASH = str(Path(__file__).with_name("leash.py"))
_LONGEST_LINE = 16_384  # bytes; longer ones are cut into several
_KEPT_LINES = 12

Command = Sequence[str | Path]


def _popen(
    command: Command,
    *,
    env: Mapping[str, str] | None,
    cwd: Path,
    stdin: int | None = subprocess.DEVNULL,
    output: int | None = subprocess.PIPE,
    errors: int | None = subprocess.STDOUT,
    stop_signal: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    leash = [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), str(int(stop_signal)), user or ""]
    return subprocess.Popen(
        [*leash, *map(str, command)],
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: on macOS, a group of zombies
        os.killpg(process.pid, signal.SIGKILL)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, seconds: float) -> None:
    """Ask the program to end, wait at most `seconds`, then kill whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    _kill_group(process)
    process.wait()


class Child:
    """A program that runs beside us; each line it prints goes to `on_line`, called from a thread of its own.

    Start it from a thread that lives as long as it should: on Linux the kernel ends it with that thread.
    """

    def __init__(
        self,
        name: str,
        command: Command,
        *,
        on_line: Callable[[str], None],
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> None:
        self.name = name
        self._on_line = on_line
        self._stop_signal = stop_signal
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._process = _popen(command, env=env, cwd=cwd, stop_signal=stop_signal, user=user)
        atexit.register(self.stop, 5)  # should an exception pass by whoever was to stop it
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with cast(IO[bytes], self._process.stdout) as stream:
            while line := stream.readline(_LONGEST_LINE):
                text = line.decode(errors="replace").rstrip()
                self._last_lines.append(text)
                self._on_line(text)

    @property
    def pid(self) -> int:
        """The program's process id, which is its process group's too."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the program itself is alive (its own children may outlive it until `stop`)."""
        return self._process.poll() is None

    def how_it_ended(self) -> str:
        """ "exit code 1" or "SIGKILL", for a program that has ended."""
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def last_lines(self) -> str:
        """The end of its output, indented; of a program that has ended, all of it is in."""
        if not self.is_running():
            self._reader.join(1)
        return tail("\n".join(self._last_lines), _KEPT_LINES)

    def kill(self) -> None:
        """Kill the program alone at once, as a crash would; what it started lives on until `stop`."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float) -> None:
        """End the program and its group, asked first and killed after `seconds`; harmless when repeated."""
        _stop(self._process, self._stop_signal, seconds)
        self._reader.join(1)
        atexit.unregister(self.stop)


def stop_together(children: Sequence[Child], seconds: float) -> None:
    """Stop several at once, so that waiting takes as long as the slowest and not the sum."""
    threads = [threading.Thread(target=child.stop, args=(seconds,)) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_for(
    condition: Callable[[], bool],
    seconds: float,
    *,
    unless: Callable[[], bool] = lambda: False,
    every: float = 0.05,
) -> bool:
    """Poll until the condition holds (True), or `unless` holds or the time is over (False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if unless() or time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def output_of(
    command: Command,
    *,
    doing: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    user: str | None = None,
) -> str:
    """Run a program to its end and return its standard output; Problem, with its last lines, if it fails."""
    process = _popen(command, env=env, cwd=cwd, user=user, errors=subprocess.PIPE)
    try:
        output, errors = (text.decode(errors="replace") for text in process.communicate())
    except BaseException:
        _stop(process, signal.SIGTERM, 5)
        raise
    if process.returncode:
        raise Problem(f"{doing} failed (exit code {process.returncode}):\n{tail(output + errors)}")
    return output


def succeeds(command: Command, *, env: Mapping[str, str] | None = None) -> bool:
    """Run a short program quietly; False if it fails or is not there."""
    try:
        output_of(command, env=env, doing="")
    except Problem:
        return False
    return True


def run(command: Command, *, env: Mapping[str, str]) -> int:
    """Run a program with our standard streams and return its exit code; an interrupt is passed on to it."""
    process = _popen(command, env=env, cwd=ROOT, stdin=None, output=None, errors=None)
    try:
        return process.wait()
    except BaseException:
        _stop(process, signal.SIGINT, 15)
        raise
    finally:
        _kill_group(process)


def run_in_terminal(command: Command, *, env: Mapping[str, str]) -> int:
    """Run a program that may talk with the terminal, which then sends Ctrl-C to it and not through us."""
    previous = signal.signal(signal.SIGINT, lambda number, frame: None)
    process = subprocess.Popen(list(map(str, command)), env=env, cwd=ROOT)
    try:
        return process.wait()
    finally:
        process.terminate()
        process.wait()
        signal.signal(signal.SIGINT, previous)
