"""Messages as the room hears them: with names, badges, and what they answer."""

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.models import User
from broadcasts.models import Channel, Moderator
from chat.events import Author, MessagePosted, Quote
from chat.models import Message
from common.prepared import Prepared

QUOTED = 80
"""Characters of a message shown with its answers."""

NOBODY = Author(name="", code="", badge="", bought=False)


def messages_of(room_id: int) -> QuerySet[Message]:
    """Return the messages of a room with all that `tell` reads."""
    return Message.objects.filter(room=room_id).select_related("author", "reply_to__author")


def tell(messages: Sequence[Message], channel: Channel) -> list[MessagePosted]:
    """Return messages of a show of this channel as events. Of hidden ones nothing is told but their place.

    Takes a query when there are any, and another when somebody is spoken to by name.
    """
    if not messages:
        return []
    moderators = {moderator.member_id for moderator in _moderators.rows(channel.pk)}
    spoken_to = {code for message in messages for code in message.mentions}
    names = dict(User.objects.filter(code__in=spoken_to).values_list("code", "nickname")) if spoken_to else {}

    def told(message: Message) -> MessagePosted:
        is_hidden = message.hidden_at is not None
        return MessagePosted(
            seq=message.seq,
            key=str(message.key),
            author=NOBODY if is_hidden else _author(message, channel, moderators),
            text="" if is_hidden else message.text,
            at=message.created_at.isoformat(),
            reply=_quote(message.reply_to) if message.reply_to and not is_hidden else None,
            mentions=[] if is_hidden else [names[code] for code in message.mentions if code in names],
            hidden=is_hidden,
        )

    return [told(message) for message in messages]


_moderators = Prepared(lambda channel: Moderator.objects.filter(channel=channel))


def _author(message: Message, channel: Channel, moderators: set[int]) -> Author:
    if message.author_id == channel.member_id:
        badge = "seller"
    else:
        badge = "moderator" if message.author_id in moderators else ""
    author = message.author
    return Author(name=author.nickname, code=author.code, badge=badge, bought=message.bought)


def _quote(message: Message) -> Quote:
    if message.hidden_at:
        return Quote(seq=message.seq, name="", text="")
    return Quote(seq=message.seq, name=message.author.nickname, text=message.text[:QUOTED])
