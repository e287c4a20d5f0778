"""The whole product on free ports, and people with a browser to use it."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from devtools.site_environment import database_file
from devtools.stack import Stack
from tests.browser import Launch

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
NewPerson = Callable[..., Page]
NewStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def new_stack(tmp_path_factory: pytest.TempPathFactory) -> NewStack:
    """Make the product with an empty SQLite database, to be started: what `./dev run` starts, without the demo."""
    migrated = Stack(tmp_path_factory.mktemp("migrated"))
    try:
        migrated.open()
    finally:
        migrated.stop()

    def make(**options: Any) -> Stack:
        data = tmp_path_factory.mktemp("site")
        # To migrate takes longer than all the rest of a start.
        for made in (database_file(migrated.data), migrated.data / "migrated"):
            shutil.copy(made, data)
        return Stack(data, **options)

    return make


@pytest.fixture(scope="session")
def stack(new_stack: NewStack) -> Iterator[Stack]:
    with new_stack() as running:
        yield running


@pytest.fixture
def new_person(stack: Stack, launch: Launch) -> Iterator[NewPerson]:
    """Open a browser of somebody's own; what its console and network complained of fails the test."""
    complaints: list[str] = []

    def make(name: str, viewport: dict[str, int]) -> Page:
        context = launch().new_context(
            viewport=viewport, base_url=stack.site_url, locale="ko-KR", timezone_id="Asia/Seoul"
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.site_url)
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
    assert complaints == []
