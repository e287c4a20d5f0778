from typing import TYPE_CHECKING

import pytest

from chat.tests.conftest import server, visit  # noqa: F401 the room's own server and browsers

if TYPE_CHECKING:
    from accounts.models import User
    from broadcasts.models import Broadcast

# This file is read before the apps are loaded: models are imported where they are needed.


@pytest.fixture
def seller(db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="파는사람")


@pytest.fixture
def show(seller: "User") -> "Broadcast":
    from tests.makers import make_broadcast

    return make_broadcast(seller, status="live")


@pytest.fixture
def moderator(show: "Broadcast") -> "User":
    from broadcasts.models import Moderator
    from tests.makers import make_member

    member = make_member(nickname="관리자님")
    Moderator.objects.create(channel=show.channel, member=member)
    return member


@pytest.fixture
def member(db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="보는사람")
