from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from accounts.models import User
    from broadcasts.models import Broadcast

# This file is read before the apps are loaded: models are imported where they are needed.


@pytest.fixture
def show(db: None) -> "Broadcast":
    from django.utils import timezone

    from tests.makers import make_broadcast, make_member

    return make_broadcast(make_member(nickname="하늘상점"), status="live", started_at=timezone.now())


@pytest.fixture
def host(show: "Broadcast") -> "User":
    return show.channel.member


@pytest.fixture
def giver(db: None) -> "User":
    from tests.makers import make_member

    return make_member(nickname="고마운이")
