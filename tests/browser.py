"""A real Chromium for each test that needs one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from devtools.chromium import FLAGS


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser of the test's own, ended with all its windows.

    Windows need not be closed one by one: a Chromium that is busy with video may never say that it has closed one,
    while leaving the block ends it in any case. Name this fixture last where a server or rows are named too: the
    browser is to go before what it looks at.
    """
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    assert path, "These tests need Chromium: run ./dev test, or set CHROMIUM_PATH."
    with sync_playwright() as playwright:
        # Its event loop is in this thread: Django would take the test's own queries for asynchronous code.
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright.chromium.launch(executable_path=path, args=list(FLAGS))
