"""Real Chromiums for the tests that need them."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from devtools.chromium import FLAGS

Launch = Callable[[], Browser]


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Launch]:
    """Start a browser, which is ended after the test with all its windows.

    Windows need not be closed one by one: a Chromium that is busy with video may never say that it has closed one,
    while leaving the block ends it in any case. Name this fixture (or `chromium`) last where a server or rows are
    named too: the browser is to go before what it looks at.
    """
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    assert path, "These tests need Chromium: run ./dev test, or set CHROMIUM_PATH."
    with sync_playwright() as playwright:
        # Its event loop is in this thread: Django would take the test's own queries for asynchronous code.
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield lambda: playwright.chromium.launch(executable_path=path, args=list(FLAGS))


@pytest.fixture
def chromium(launch: Launch) -> Browser:
    """One browser."""
    return launch()
