"""The one write of a room."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from broadcasts.models import Broadcast
from chat.access import is_open
from chat.events import MessagePosted
from chat.limits import count_message
from chat.models import Message, Room
from chat.refusals import ChatClosed
from chat.telling import messages_of, tell
from chat.text import clean_text
from common.events import send_on_commit


def say(code: str, author: User, *, key: UUID, text: str) -> MessagePosted:
    """Post a message to the room of a broadcast; the same key from the same author is the same message.

    Raises EmptyText, TextTooLong, ChatClosed (also when there is no such broadcast), TooFast.
    """
    text = clean_text(text)
    broadcast = Broadcast.objects.select_related("channel").filter(code=code).first()
    if broadcast is None:
        raise ChatClosed
    if said := _said(broadcast, author, key):
        return tell([said], broadcast.channel)[0]
    if not is_open(broadcast):
        raise ChatClosed
    count_message(author.code, key)
    try:
        return _post(broadcast, author, key=key, text=text)
    except IntegrityError:  # the same message arrived a moment earlier over another connection
        if said := _said(broadcast, author, key):
            return tell([said], broadcast.channel)[0]
        raise


def _said(broadcast: Broadcast, author: User, key: UUID) -> Message | None:
    return messages_of(broadcast.pk).filter(author=author, key=key).first()


@transaction.atomic
def _post(broadcast: Broadcast, author: User, *, key: UUID, text: str) -> MessagePosted:
    seq = _next_seq(broadcast)
    message = Message.objects.create(room_id=broadcast.pk, seq=seq, author=author, text=text, key=key)
    [posted] = tell([message], broadcast.channel)
    send_on_commit(broadcast.room, posted)
    return posted


def _next_seq(broadcast: Broadcast) -> int:
    """Draw the room's next number. The UPDATE holds the row until the commit: that keeps messages in order."""
    room = Room.objects.filter(pk=broadcast.pk)
    if not room.update(last_seq=F("last_seq") + 1):
        Room.objects.get_or_create(pk=broadcast.pk)
        room.update(last_seq=F("last_seq") + 1)
    return room.values_list("last_seq", flat=True).get()
