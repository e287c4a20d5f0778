from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection

from chat.tests.servers import Server, serving

if TYPE_CHECKING:
    from accounts.models import User
    from broadcasts.models import Broadcast
    from chat.tests.browser import Browser

# This file is read before the apps are loaded: models are imported where they are needed.

if connection.vendor == "sqlite":
    # A file rather than memory: the server processes of these tests read what the tests write.
    connection.settings_dict["TEST"]["NAME"] = str(Path(settings.DATA_DIR) / "test.sqlite3")


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    """uvicorn, as in production."""
    with serving() as process:
        yield process
        assert not process.errors(), process.log()


Visit = Callable[..., "Browser"]


@pytest.fixture
def visit(transactional_db: None, server: Server) -> Iterator[Visit]:
    """Make browsers, of a member or a guest, that are closed after the test."""
    from chat.tests.browser import Browser

    browsers: list[Browser] = []

    def make(member: "User | None" = None, server: Server = server) -> Browser:
        browsers.append(Browser(server, member))
        return browsers[-1]

    yield make
    for browser in browsers:
        browser.close()


@pytest.fixture
def seller(transactional_db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="파는사람")


@pytest.fixture
def member(transactional_db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="보는사람")


@pytest.fixture
def broadcast(seller: "User") -> "Broadcast":
    from tests.makers import make_broadcast

    return make_broadcast(seller, status="live")
