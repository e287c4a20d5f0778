"""What the seller and moderators set for all rooms of the channel."""

from django.db import transaction

from accounts.models import User
from broadcasts.models import Broadcast
from chat.moderation.changing import Act, next_channel_rules, write_log
from chat.moderation.models import (
    REPLY_MAX_LENGTH,
    WORD_MAX_LENGTH,
    BlockedWord,
    CannedReply,
    ChannelRules,
)
from chat.moderation.refusals import BadSetting, BadWord, TooMany
from chat.moderation.spans import minutes_in_words
from chat.moderation.texts import short_text
from chat.moderation.words import is_word

MOST_WORDS = 300
MOST_REPLIES = 30
NEW_ACCOUNT_MINUTES = (0, 10, 60, 24 * 60, 7 * 24 * 60)


@transaction.atomic
def set_link_policy(broadcast: Broadcast, links: str, *, by: User) -> None:
    """Say who may write links (`ChannelRules.Links`). Raises BadSetting."""
    if links not in ChannelRules.Links:
        raise BadSetting
    rules = next_channel_rules(broadcast)
    if rules.links == links:
        return
    rules.links = links
    rules.save()
    write_log(broadcast, Act.LINKS, by=by, detail=str(ChannelRules.Links(links).label))


@transaction.atomic
def set_new_account_delay(broadcast: Broadcast, minutes: int, *, by: User) -> None:
    """Let members write only so long after they signed up. Raises BadSetting."""
    if minutes not in NEW_ACCOUNT_MINUTES:
        raise BadSetting
    rules = next_channel_rules(broadcast)
    if rules.new_account_minutes == minutes:
        return
    rules.new_account_minutes = minutes
    rules.save()
    write_log(broadcast, Act.NEW_ACCOUNTS, by=by, detail=minutes_in_words(minutes))


@transaction.atomic
def add_word(broadcast: Broadcast, text: str, *, is_allowed: bool, by: User) -> None:
    """Block a word, or allow one that holds a blocked one. Raises EmptyText, BadWord, TooLong, TooMany."""
    text = short_text(text, WORD_MAX_LENGTH)
    if not is_word(text):
        raise BadWord
    rules = next_channel_rules(broadcast)
    words = BlockedWord.objects.filter(channel=broadcast.channel)
    if words.filter(text=text, is_allowed=is_allowed).exists():
        return
    if words.count() >= MOST_WORDS:
        raise TooMany(MOST_WORDS)
    words.update_or_create(channel=broadcast.channel, text=text, defaults={"is_allowed": is_allowed})
    rules.save()
    write_log(broadcast, Act.ALLOW_WORD if is_allowed else Act.BLOCK_WORD, by=by, detail=text)


@transaction.atomic
def drop_word(broadcast: Broadcast, text: str, *, by: User) -> None:
    """Take a word off the list; nothing happens if it is not on it."""
    rules = next_channel_rules(broadcast)
    dropped, _ = BlockedWord.objects.filter(channel=broadcast.channel, text=text).delete()
    if dropped:
        rules.save()
        write_log(broadcast, Act.DROP_WORD, by=by, detail=text)


@transaction.atomic
def add_reply(broadcast: Broadcast, text: str, *, by: User) -> None:
    """Keep an answer that is often given. Raises EmptyText, TooLong, TooMany."""
    text = short_text(text, REPLY_MAX_LENGTH)
    next_channel_rules(broadcast)  # for its lock
    replies = CannedReply.objects.filter(channel=broadcast.channel)
    if replies.filter(text=text).exists():
        return
    if replies.count() >= MOST_REPLIES:
        raise TooMany(MOST_REPLIES)
    replies.create(channel=broadcast.channel, text=text)
    write_log(broadcast, Act.ADD_REPLY, by=by, detail=text)


@transaction.atomic
def drop_reply(broadcast: Broadcast, text: str, *, by: User) -> None:
    """Forget a kept answer; nothing happens if there is no such one."""
    dropped, _ = CannedReply.objects.filter(channel=broadcast.channel, text=text).delete()
    if dropped:
        write_log(broadcast, Act.DROP_REPLY, by=by, detail=text)
