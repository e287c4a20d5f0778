import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devtools.problem import Problem
from devtools.processes import Child, output_of, run, stop_together, succeeds, wait_for

# Ignores being asked to stop and starts a child that does so too; prints both process ids.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(os.getpid(), child, flush=True)
time.sleep(600)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *args: (print("bye", flush=True), sys.exit(0)))
print("ready", flush=True)
time.sleep(600)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def start(code: str, name: str = "child") -> tuple[Child, list[str]]:
    """A child and the lines it has printed, of which there is at least one."""
    lines: list[str] = []
    child = Child(name, python(code), on_line=lines.append)
    assert wait_for(lambda: bool(lines), 10)
    return child, lines


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie nobody has collected does not."""
    status = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return status.stdout.strip()[:1] not in ("", "Z")


def test_a_stubborn_child_and_its_own_child_are_killed_in_bounded_time() -> None:
    child, lines = start(STUBBORN)
    pids = [int(pid) for pid in lines[0].split()]
    assert all(map(is_alive, pids))
    begun = time.monotonic()

    child.stop(0.5)

    assert 0.5 <= time.monotonic() - begun < 5
    assert wait_for(lambda: not any(map(is_alive, pids)), 5)


def test_a_polite_child_has_time_to_end_by_itself() -> None:
    child, lines = start(POLITE)

    child.stop(10)

    assert lines == ["ready", "bye"]
    assert child.how_it_ended() == "exit code 0"


def test_what_a_dead_child_leaves_behind_is_killed_too() -> None:
    child, lines = start(STUBBORN)
    parent, grandchild = map(int, lines[0].split())

    os.kill(parent, signal.SIGKILL)
    assert wait_for(lambda: not child.is_running(), 5)
    assert is_alive(grandchild)
    child.stop(5)

    assert wait_for(lambda: not is_alive(grandchild), 5)
    assert child.how_it_ended() == "SIGKILL"


def test_several_stop_in_the_time_of_one() -> None:
    children = [start(STUBBORN)[0] for _ in range(3)]
    begun = time.monotonic()

    stop_together(children, 1)

    assert time.monotonic() - begun < 2.5


def test_stopping_twice_is_harmless() -> None:
    child, _ = start(POLITE)

    child.stop(5)
    child.stop(5)

    assert not child.is_running()


def test_the_last_lines_of_a_child_that_failed_are_kept() -> None:
    child = Child(
        "web", python("print(*range(50), sep='\\n'); raise SystemExit(3)"), on_line=lambda line: None
    )
    assert wait_for(lambda: not child.is_running(), 10)

    assert child.how_it_ended() == "exit code 3"
    assert child.last_lines().split() == [str(number) for number in range(38, 50)]
    child.stop(0)


def test_a_line_without_end_is_cut_and_bad_bytes_are_shown() -> None:
    child, lines = start("import os; os.write(1, b'x' * 40_000 + b'\\xff\\n')")
    assert wait_for(lambda: not child.is_running(), 10)
    child.stop(0)

    assert max(map(len, lines)) <= 16_384
    assert "".join(lines) == "x" * 40_000 + "\ufffd"


# Only Linux tells a child that its parent has died, which it must where the parent cannot say so itself.
@pytest.mark.parametrize("ending", [signal.SIGTERM, *([signal.SIGKILL] if sys.platform == "linux" else [])])
def test_no_child_outlives_us_however_we_end(tmp_path: Path, ending: signal.Signals) -> None:
    told = tmp_path / "pid"
    parent = subprocess.Popen(
        python(
            "import pathlib, sys, time\n"
            "from devtools.processes import Child\n"
            "from devtools.signals import interrupt_once\n"
            "interrupt_once()\n"
            f"child = Child('x', [sys.executable, '-c', 'import time; time.sleep(600)'], on_line=print)\n"
            f"pathlib.Path({str(told)!r}).write_text(str(child.pid))\n"
            "time.sleep(600)\n"
        ),
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )
    assert wait_for(lambda: told.exists() and bool(told.read_text()), 10)
    pid = int(told.read_text())
    assert is_alive(pid)

    parent.send_signal(ending)
    parent.wait(10)

    assert wait_for(lambda: not is_alive(pid), 5)


def test_a_failed_step_is_told_with_its_end_and_without_credentials() -> None:
    code = "print('from https://me:secret@index.example/simple'); raise SystemExit(2)"

    with pytest.raises(Problem) as told:
        output_of(python(code), doing="Installing")

    assert "Installing failed (exit code 2)" in str(told.value)
    assert "https://***@index.example/simple" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_program_that_is_not_there_does_not_succeed() -> None:
    assert not succeeds(["/no/such/program"])
    assert succeeds(python("pass"))


def test_the_exit_code_is_passed_on() -> None:
    assert run(python("raise SystemExit(5)"), env=dict(os.environ)) == 5
