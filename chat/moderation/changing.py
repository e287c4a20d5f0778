"""Changing the rules of a room or channel: under a lock, with the next version, in the log."""

from django.db import transaction

from accounts.models import User
from broadcasts.models import Broadcast, Channel
from chat.moderation.models import ChannelRules, ModerationLog, RoomRules
from chat.moderation.rules import forget

Act = ModerationLog.Act


def next_room_rules(broadcast: Broadcast) -> RoomRules:
    """Return the room's rules, locked until the transaction ends, under their next version. Save them."""
    RoomRules.objects.get_or_create(broadcast=broadcast)
    rules = RoomRules.objects.select_for_update().get(pk=broadcast.pk)
    rules.version += 1
    transaction.on_commit(lambda: forget(broadcast))
    return rules


def next_channel_rules(broadcast: Broadcast) -> ChannelRules:
    """Return the rules of the broadcast's channel in the same way."""
    ChannelRules.objects.get_or_create(channel=broadcast.channel)
    rules = ChannelRules.objects.select_for_update().get(pk=broadcast.channel_id)
    rules.version += 1
    transaction.on_commit(lambda: forget(broadcast))
    return rules


def write_log(
    broadcast: Broadcast, act: ModerationLog.Act, *, by: User, member: User | None = None, detail: str = ""
) -> None:
    """Write down what is done in the running transaction."""
    longest = ModerationLog._meta.get_field("detail").max_length
    ModerationLog.objects.create(
        channel=broadcast.channel,
        broadcast=broadcast,
        act=act,
        by=by,
        member=member,
        detail=detail[:longest],
    )


def rooms_of(channel: Channel, broadcast: Broadcast) -> set[str]:
    """Return the rooms where news of a member is heard: the one it was done from, and the one that is open."""
    is_open = Broadcast.objects.filter(channel=channel, status__in=Broadcast.OPEN)
    return {broadcast.room, *is_open.values_list("code", flat=True)}
