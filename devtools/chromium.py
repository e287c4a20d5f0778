"""A Chromium for the browser journeys."""

import os
import shutil

from devtools.paths import PYTHON
from devtools.problem import Problem
from devtools.processes import output_of, succeeds
from devtools.say import say
from devtools.system_packages import apt_install

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"),
)
"""For tests and benchmarks: as root, without a screen, asking nobody outside, and videos play by themselves."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WHERE_PLAYWRIGHT_HAS_IT = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)


def find() -> str:
    """The path of a Chromium that starts: CHROMIUM, this machine's, else apt's, else Playwright's own."""
    if given := os.environ.get("CHROMIUM"):
        if not _starts(given):
            raise Problem(f"CHROMIUM names {given}, which does not start.")
        return given
    found = _installed()
    if not found and apt_install("chromium"):
        found = _installed()
    if found:
        return found
    try:
        say("Downloading Chromium …")
        output_of([PYTHON, "-m", "playwright", "install", "chromium"], doing="Downloading Chromium")
        path = output_of([PYTHON, "-c", _WHERE_PLAYWRIGHT_HAS_IT], doing="Finding Chromium").split()[-1]
    except Problem as problem:
        raise Problem(
            "No Chromium was found: install it (Debian: apt-get install chromium) or name one with CHROMIUM."
        ) from problem
    if not _starts(path):
        raise Problem(
            "Playwright's Chromium does not start here: install what it lacks (as root,"
            " `.venv/bin/python -m playwright install-deps chromium`) or name another with CHROMIUM."
        )
    return path


def _installed() -> str | None:
    paths = (shutil.which(name) for name in _NAMES)
    return next((path for path in paths if path and _starts(path)), None)


def _starts(path: str) -> bool:
    return succeeds([path, "--version"])
