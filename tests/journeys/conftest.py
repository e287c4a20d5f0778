"""The whole product on free ports, and people with a browser to use it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from devtools.stack import Stack

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
NewPerson = Callable[..., Page]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product with an empty SQLite database: what `./dev run` starts, without the demo."""
    with Stack(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def new_person(chromium: Browser, stack: Stack, tmp_path: Path) -> Iterator[NewPerson]:
    """Make a browser window of somebody's own; what its console and network complained of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(name: str, viewport: dict[str, int]) -> Page:
        context = chromium.new_context(
            viewport=viewport, base_url=stack.site_url, locale="ko-KR", timezone_id="Asia/Seoul"
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.site_url)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{name}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
