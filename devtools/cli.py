"""The command line of ./dev."""

import argparse
import os

from devtools import bench, checks, data_folder, management, run, signals
from devtools.paths import ROOT
from devtools.ports import Ports
from devtools.problem import Problem
from devtools.say import say
from devtools.site_environment import DEFAULT_PORTS

_INTERRUPTED = 130  # as a shell tells a program that Ctrl-C ended
_PASS_ON = ("test", "manage")  # everything behind these belongs to pytest and manage.py


def main(arguments: list[str]) -> int:
    """Run one command and return the exit code; a Problem is told in one sentence."""
    os.chdir(ROOT)
    signals.interrupt_once()
    parser = _parser()
    if not arguments:
        parser.print_help()
        return 0
    try:
        if arguments[0] in _PASS_ON:
            return {"test": checks.test, "manage": management.manage}[arguments[0]](arguments[1:])
        return _run(parser.parse_args(arguments))
    except Problem as problem:
        say(f"./dev: {problem}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "run":
            ports = Ports(web=options.port, rtmp=options.rtmp_port, origin=options.origin_port)
            run.run(ports, demo=not options.no_demo)
        case "lint":
            return checks.lint()
        case "bench":
            passed_on = [f"--{name}" for name in ("quick", "json") if getattr(options, name)]
            return bench.bench(options.name, passed_on)
        case "reset":
            return 0 if data_folder.reset(sure=options.yes) else 1
        case "setup":
            run.prepare()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev", description="Runs, tests, checks and measures the live-commerce site on this machine."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    start = commands.add_parser("run", help="start the whole site, with a demo broadcast, until Ctrl-C")
    for option, default, what in (
        ("--port", DEFAULT_PORTS.web, "the site"),
        ("--rtmp-port", _from_environment("INGEST_RTMP_PORT", DEFAULT_PORTS.rtmp), "encoders (RTMP)"),
        ("--origin-port", _from_environment("INGEST_HTTP_PORT", DEFAULT_PORTS.origin), "the video"),
    ):
        start.add_argument(
            option, type=_port, metavar="N", default=default, help=f"port of {what}; {default} if not given"
        )
    start.add_argument("--no-demo", action="store_true", help="without demo accounts and broadcast")

    commands.add_parser("test", help="everything; or one pytest run, with the arguments that follow")
    commands.add_parser("lint", help="style, types, missing migrations, deployment check")

    measure = commands.add_parser("bench", help="run a benchmark")
    measure.add_argument("name", metavar="NAME", help=", ".join(bench.names()) or "none yet")
    measure.add_argument("--quick", action="store_true", help="end within 60 s")
    measure.add_argument("--json", action="store_true", help="end with one line of JSON")

    clear = commands.add_parser("reset", help="remove var/: database, uploads, recordings")
    clear.add_argument("--yes", action="store_true", help="without asking")

    commands.add_parser("manage", help="run manage.py, with the arguments that follow, in this site")
    commands.add_parser("setup", help="only install what the site needs")
    return parser


def _from_environment(name: str, default: int) -> str:
    """A default for argparse, which checks a text as if it had been typed."""
    return os.environ.get(name, str(default))


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"not a port: {text!r} (1 to 65535)")
    return int(text)
