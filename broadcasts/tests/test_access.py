"""Who a broadcast's doors open for."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from broadcasts.access import get_kept_broadcast, keeps_order
from broadcasts.models import Moderator
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


def test_the_seller_and_the_channels_moderators_keep_order():
    seller, helper = make_member(), make_member()
    show = make_broadcast(seller)
    Moderator.objects.create(channel=show.channel, member=helper)
    assert get_kept_broadcast(seller, show.code) == show
    assert get_kept_broadcast(helper, show.code) == show


@pytest.mark.parametrize("staff", [False, True])
def test_nobody_else_does(staff):
    show = make_broadcast(make_member())
    stranger = make_member(is_staff=staff)
    Moderator.objects.create(channel=make_broadcast(make_member()).channel, member=stranger)
    with pytest.raises(PermissionDenied):
        get_kept_broadcast(stranger, show.code)
    assert not keeps_order(AnonymousUser(), show)
