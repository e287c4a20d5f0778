from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection

from chat.tests.servers import Server, serving

if TYPE_CHECKING:
    from accounts.models import User

# This file is read before the apps are loaded: models are imported where they are needed.

if connection.vendor == "sqlite":
    # A file rather than memory: the server processes of these tests read what the tests write.
    connection.settings_dict["TEST"]["NAME"] = str(Path(settings.DATA_DIR) / "test.sqlite3")


@pytest.fixture(scope="session")
def camera_server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    """uvicorn, as in production, with room for one camera that is encoded and one that is not."""
    with serving(CAMERA_MAX="5") as process:
        yield process
        assert not process.errors(), process.log()


@pytest.fixture
def seller(transactional_db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="파는사람")
