import signal
import subprocess
import sys
from pathlib import Path

import pytest

STOPS_SLOWLY = """
import time
from devtools.signals import interrupt_once
interrupt_once()
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("stopping", flush=True)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        time.sleep(0.1)
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_the_second_is_harmless(first: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPS_SLOWLY],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # also where nohup runs these tests
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(first)
    assert process.stdout.readline() == "stopping\n"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process.send_signal(number)

    assert process.communicate(timeout=10)[0] == "stopped\n"
    assert process.returncode == 0


def test_it_listens_where_a_shell_has_it_started_in_the_background() -> None:
    process = subprocess.Popen(
        ["sh", "-c", f"trap '' INT; exec {sys.executable} -c '{STOPS_SLOWLY}'"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=10)[0] == "stopping\nstopped\n"
