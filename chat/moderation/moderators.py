"""Members who keep order for a seller."""

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from broadcasts.models import Broadcast, Moderator
from chat.moderation.changing import Act, next_channel_rules, write_log
from chat.moderation.refusals import NoSuchMember, NotAllowed, TooMany
from chat.moderation.restricting import lift

MOST_MODERATORS = 20


@transaction.atomic
def appoint(broadcast: Broadcast, name: str, *, by: User) -> None:
    """Make the member of this nickname or ID a moderator of the channel; what kept them from writing is lifted.

    Nothing happens if they are one. Raises NoSuchMember, NotAllowed (the seller), TooMany.
    """
    name = name.strip()
    found = User.objects.filter(Q(nickname=name) | Q(username=name), is_active=True)
    # One member's nickname may be another's ID: what everybody can see comes first.
    member = max(found, key=lambda candidate: candidate.nickname == name, default=None)
    if member is None:
        raise NoSuchMember
    channel = broadcast.channel
    if member.pk == channel.member_id:
        raise NotAllowed
    rules = next_channel_rules(broadcast)
    moderators = Moderator.objects.filter(channel=channel)
    if moderators.filter(member=member).exists():
        return
    if moderators.count() >= MOST_MODERATORS:
        raise TooMany(MOST_MODERATORS)
    moderators.create(channel=channel, member=member)
    rules.save()
    write_log(broadcast, Act.APPOINT, by=by, member=member)
    lift(broadcast, member, by=by)


@transaction.atomic
def dismiss(broadcast: Broadcast, member: User, *, by: User) -> None:
    """Take a moderator's rights; nothing happens if the member has none."""
    rules = next_channel_rules(broadcast)
    dismissed, _ = Moderator.objects.filter(channel=broadcast.channel, member=member).delete()
    if dismissed:
        rules.save()
        write_log(broadcast, Act.DISMISS, by=by, member=member)
