"""`./dev run`: the whole site with its demo in one terminal, until Ctrl-C."""

import os
import sys
import time
from pathlib import Path

from devtools import browser_libraries, data_folder, environment, redis_server, signals, stamps
from devtools.paths import ROOT
from devtools.ports import Ports
from devtools.say import say
from devtools.stack import Stack
from devtools.terminal import Terminal


def run(ports: Ports, *, demo: bool) -> None:
    """Prepare, start, tell where everything is, and stop it all on Ctrl-C.

    Raises Problem for whatever stands in the way, and when a process ends by itself.
    """
    data = data_folder.folder()
    with data_folder.used_alone(data):
        data_folder.require_space(data)
        ports.require_free()
        prepare()
        given_redis = os.environ.get("REDIS_URL")
        if given_redis:
            redis_server.require_answer(given_redis)
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        terminal = Terminal(colour=colour)
        stack = Stack(
            data,
            ports=ports,
            overrides=given_variables(),
            redis_url=given_redis,
            on_line=lambda name, line: None if _is_noise(name, line) else terminal.line(name, line),
        )
        try:
            _run(stack, terminal, demo=demo)
        except KeyboardInterrupt:
            terminal.text("\nStopping …")
        finally:
            signals.ignore_interrupts()
            stack.stop()
            (data / "running.json").unlink(missing_ok=True)


def prepare() -> None:
    """Have the Python packages and browser libraries that the product runs on."""
    with environment.installing_alone():
        environment.prepare(environment.RUN)
        browser_libraries.prepare()


def _run(stack: Stack, terminal: Terminal, *, demo: bool) -> None:
    stack.open()
    accounts = _seed(stack) if demo else ""
    data_folder.publish_environment(stack.data, stack.environment)
    say("Starting …")
    stack.start()
    stack.wait_until_ready()
    if demo:
        stack.start_process("demo")
    terminal.text(_summary(stack, terminal, accounts))
    while not stack.ended():
        time.sleep(0.2)
    stack.require_running()


def _is_noise(name: str, line: str) -> bool:
    """What belongs in the log file only: Redis's advice to administrators, and answers to our own waiting."""
    return name == "redis" or "/readyz" in line


def given_variables() -> dict[str, str]:
    """The user's own variables, which win over ours; the ports are settled already, by option or variable."""
    settled = ("INGEST_RTMP_PORT", "INGEST_HTTP_PORT", "DATA_DIR")
    return {name: value for name, value in os.environ.items() if name not in settled}


def _seed(stack: Stack) -> str:
    """Put the demo data in once (again when models or demo have changed); return what it says of the accounts."""
    told: Path = stack.data / "demo-accounts.txt"
    stamp = stack.data / "seeded"
    wanted = stamps.digest(
        [*ROOT.glob("*/migrations/*.py"), *(ROOT / "demo").glob("**/*.py")],
        stack.environment["DATABASE_URL"],
    )
    if not (stamps.is_current(stamp, wanted) and told.exists()):
        say("Putting demo data in …")
        told.write_text(stack.manage("seed_demo"))
        stamps.write(stamp, wanted)
    return told.read_text().rstrip()


def _summary(stack: Stack, terminal: Terminal, accounts: str) -> str:
    rule = "─" * 72
    lines = [
        "",
        rule,
        f"  {terminal.bold('The site is running')}",
        "",
        f"  Site          {terminal.bold(stack.site_url)}",
        f"  RTMP server   {stack.rtmp_url}   (the stream key is on a seller's My page)",
    ]
    if accounts:
        lines += ["", "  Demo accounts", *(f"    {line}" for line in accounts.splitlines())]
    lines += ["", "  Ctrl-C stops everything; ./dev reset removes the data.", rule, ""]
    return "\n".join(lines)
