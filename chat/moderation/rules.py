"""Whether a member may say a thing in a room: one look at what was read of its rules at most half a second ago."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast, Channel, Moderator
from chat.moderation.events import MemberRestricted
from chat.moderation.links import has_link
from chat.moderation.models import BlockedWord, ChannelRules, Restriction, RoomRules
from chat.moderation.words import WordList
from chat.refusals import AccountTooNew, Banned, Frozen, LinkBlocked, TimedOut, WordBlocked

FRESH_SECONDS = 0.5
"""How long another process may go on with what it read. What this one changes holds at once (`forget`)."""

MOST_ROOMS = 1000


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything that decides; members are known by their row's id. `versions` are the room's, the channel's."""

    versions: tuple[int, int]
    seller: int
    keepers: frozenset[int]
    """The seller and the moderators."""
    frozen: bool
    slow_seconds: int
    links: str
    new_account_minutes: int
    words: WordList
    restricted: Mapping[int, datetime | None]
    """Until when; None: for good. Those that ran out since may still be in it."""

    def keeps(self, member: User) -> bool:
        """Whether the member is the seller or a moderator: they are bound by hardly anything."""
        return member.pk in self.keepers

    def restriction_of(self, member_id: int, code: str) -> MemberRestricted | None:
        """Return what keeps a member (row and code) from writing right now."""
        if member_id not in self.restricted or member_id in self.keepers:
            return None
        until = self.restricted[member_id]
        if until is not None and until <= timezone.now():
            return None
        return MemberRestricted(
            version=self.versions[1],
            member=code,
            kind=Restriction.Kind.TIMEOUT if until else Restriction.Kind.BAN,
            until=until.isoformat() if until else None,
        )

    def slow_seconds_for(self, member: User) -> int:
        """How long the member waits between two messages."""
        return 0 if self.keeps(member) else self.slow_seconds


_kept: dict[str, tuple[float, Rules]] = {}


def rules_of(broadcast: Broadcast, *, fresh: bool = False) -> Rules:
    """Return the rules of the broadcast's room; select its channel.

    Takes no query; every half second (with `fresh`, each time) one, and five more when something changed.
    """
    now = time.monotonic()
    read_at, rules = _kept.get(broadcast.code, (0.0, None))
    if rules and not fresh and now - read_at < FRESH_SECONDS:
        return rules
    versions = _versions(broadcast)
    if rules is None or rules.versions != versions:
        rules = _read(broadcast, versions)
    if len(_kept) >= MOST_ROOMS:
        _kept.clear()
    _kept[broadcast.code] = (now, rules)
    return rules


def room_rules_of(broadcast: Broadcast) -> RoomRules:
    """Return the room's row, or what holds without one. Select `room_rules` with the broadcast: this reads it."""
    return broadcast.room_rules if hasattr(broadcast, "room_rules") else RoomRules(pk=broadcast.pk)


def forget(broadcast: Broadcast) -> None:
    """Read the rules anew the next time somebody speaks."""
    _kept.pop(broadcast.code, None)


def check(rules: Rules, member: User, text: str) -> None:
    """Return if the member may say it.

    Raises Banned, TimedOut, Frozen, AccountTooNew, LinkBlocked, WordBlocked. What depends on how much was said
    before is counted by `chat.limits`.
    """
    if rules.links == ChannelRules.Links.NOBODY and member.pk != rules.seller and has_link(text):
        raise LinkBlocked
    if rules.keeps(member):
        return
    now = timezone.now()
    _check_restriction(rules, member, now)
    if rules.frozen:
        raise Frozen
    wait = member.date_joined + timedelta(minutes=rules.new_account_minutes) - now
    if wait > timedelta(0):
        raise AccountTooNew(rules.new_account_minutes, _in_ms(wait))
    if rules.links == ChannelRules.Links.KEEPERS and has_link(text):
        raise LinkBlocked
    if rules.words.blocks(text):
        raise WordBlocked


def _check_restriction(rules: Rules, member: User, now: datetime) -> None:
    if member.pk not in rules.restricted:
        return
    until = rules.restricted[member.pk]
    if until is None:
        raise Banned
    if until > now:
        raise TimedOut(_in_ms(until - now))


def _in_ms(wait: timedelta) -> int:
    return max(1, int(wait / timedelta(milliseconds=1)))


def _versions(broadcast: Broadcast) -> tuple[int, int]:
    """A room or channel whose rules nobody ever touched has version 0."""
    row = (
        Broadcast.objects.filter(pk=broadcast.pk)
        .annotate(of_room=F("room_rules__version"), of_channel=F("channel__chat_rules__version"))
        .values_list("of_room", "of_channel")
        .first()
    )
    of_room, of_channel = row or (0, 0)
    return of_room or 0, of_channel or 0


def _read(broadcast: Broadcast, versions: tuple[int, int]) -> Rules:
    channel = broadcast.channel
    of_room, of_channel = versions
    room = RoomRules.objects.filter(pk=broadcast.pk).first() if of_room else None
    everywhere = ChannelRules.objects.filter(pk=channel.pk).first() if of_channel else None
    moderators = Moderator.objects.filter(channel=channel).values_list("member_id", flat=True)
    return Rules(
        versions=versions,
        seller=channel.member_id,
        keepers=frozenset([channel.member_id, *moderators]),
        frozen=room.frozen if room else False,
        slow_seconds=room.slow_seconds if room else 0,
        links=everywhere.links if everywhere else ChannelRules.Links.KEEPERS,
        new_account_minutes=everywhere.new_account_minutes if everywhere else 0,
        words=_words(channel) if everywhere else WordList(blocked=(), allowed=()),
        restricted=_restricted(channel) if everywhere else {},
    )


def _words(channel: Channel) -> WordList:
    words = list(BlockedWord.objects.filter(channel=channel).values_list("text", "is_allowed"))
    return WordList(
        blocked=tuple(text for text, is_allowed in words if not is_allowed),
        allowed=tuple(text for text, is_allowed in words if is_allowed),
    )


def _restricted(channel: Channel) -> dict[int, datetime | None]:
    return dict(Restriction.objects.standing().filter(channel=channel).values_list("member_id", "until"))
