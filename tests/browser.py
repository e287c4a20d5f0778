"""One real Chromium for all tests of a run that need a browser."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from devtools.chromium import FLAGS


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    assert path, "These tests need Chromium: run ./dev test, or set CHROMIUM_PATH."
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Its event loop stays around in this thread: Django would take the tests' own queries for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
