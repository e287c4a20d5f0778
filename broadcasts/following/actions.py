"""Every write to follows.

The followers of a channel are counted in its own row, in the same transaction: every live page says how many they
are, and nobody counts a million rows for that. Whoever follows or leaves therefore takes the channel's row first,
in this order always, which also makes two clicks at once one follow.
"""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.following.models import Follow
from broadcasts.following.signals import channel_followed
from broadcasts.models import Channel
from common.errors import DomainError


class OwnChannel(DomainError):
    """Nobody follows themselves."""

    code = "own_channel"


class ChannelGone(DomainError):
    """The channel was given up: there will be no more shows."""

    code = "channel_gone"


@transaction.atomic
def follow(member: User, channel: Channel) -> bool:
    """Follow a channel; False if the member does already. Raises OwnChannel, ChannelGone."""
    locked = _lock(channel)
    if locked.member_id == member.pk:
        raise OwnChannel(_("내 채널은 팔로우할 수 없어요."))
    if locked.state in (Channel.State.CLOSING, Channel.State.CLOSED):
        raise ChannelGone(_("더는 방송하지 않는 채널이에요."))
    _follow, is_new = Follow.objects.get_or_create(member=member, channel=channel)
    if is_new:
        Channel.objects.filter(pk=channel.pk).update(followers=F("followers") + 1)
        news = {"channel_id": channel.pk, "member_id": member.pk}
        transaction.on_commit(lambda: channel_followed.send_robust(Follow, **news), robust=True)
    return is_new


@transaction.atomic
def unfollow(member: User, channel: Channel) -> bool:
    """Follow a channel no more; False if the member did not."""
    _lock(channel)
    deleted, _rows = Follow.objects.filter(member=member, channel=channel).delete()
    return bool(deleted)


def _lock(channel: Channel) -> Channel:
    return Channel.objects.select_for_update().get(pk=channel.pk)
