"""The one write of a room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from accounts.models import User
from broadcasts.models import Broadcast
from chat.access import is_open
from chat.buyers import buyers_among
from chat.events import MessagePosted
from chat.limits import Said, count_messages
from chat.mentions import MARK, people_in, spoken_to
from chat.models import Message, Room
from chat.moderation.rules import Rules, check, rules_of
from chat.refusals import ChatClosed, Refusal
from chat.telling import messages_of, tell
from chat.text import clean_text
from common.events import send_many_on_commit
from common.prepared import Prepared, PreparedUpdate

Identity = tuple[int, UUID]
"""The author's row and the key: what makes two sends the same message."""

Answer = MessagePosted | Exception


@dataclass(frozen=True, kw_only=True)
class Saying:
    """What a member wants to say; `reply_to` is the `seq` of the message it answers."""

    author: User
    key: UUID
    text: str
    reply_to: int | None = None

    @property
    def identity(self) -> Identity:
        return self.author.pk, self.key


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message that may be kept."""

    author: User
    key: UUID
    text: str
    reply_to: Message | None
    mentions: list[str]
    bought: bool


def say(code: str, author: User, *, key: UUID, text: str, reply_to: int | None = None) -> MessagePosted:
    """Post one message, see `say_all`. Raises what that would answer."""
    [answer] = say_all(code, [Saying(author=author, key=key, text=text, reply_to=reply_to)])
    if isinstance(answer, Exception):
        raise answer
    return answer


def say_all(code: str, sayings: Sequence[Saying]) -> list[Answer]:
    """Post messages to the room of a broadcast, in this order; return for each what was posted, or a Refusal.

    The same key from the same author is the same message, whenever it comes again. However many they are: one
    transaction, one Redis message to the room, at most fourteen queries and two counts in Redis.
    """
    broadcast = _show.first(code)
    if broadcast is None:
        return [ChatClosed() for _ in sayings]
    wanted = {saying.identity: saying for saying in reversed(sayings)}
    answers: dict[Identity, Answer] = dict(_posted_before(broadcast, wanted))
    new = [saying for saying in reversed(wanted.values()) if saying.identity not in answers]
    accepted = []
    for saying, taken in zip(new, _accept(broadcast, new), strict=True):
        if isinstance(taken, Refusal):
            answers[saying.identity] = taken
        else:
            accepted.append((saying, taken))
    if accepted:
        answers |= _post(broadcast, _drafts(broadcast, accepted))
    return [answers[saying.identity] for saying in sayings]


_show = Prepared(
    lambda code: Broadcast.objects.select_related("channel__member", "chat_room").filter(code=code)
)


def _accept(broadcast: Broadcast, sayings: Sequence[Saying]) -> list[str | Refusal]:
    """Return for each the text to keep, or why it is refused. Only what is otherwise fine is counted."""
    rules = rules_of(broadcast)
    taken = [_look_at(broadcast, saying, rules) for saying in sayings]
    said = {
        place: Said(
            member=saying.author.code,
            key=saying.key,
            text=text,
            slow_seconds=rules.slow_seconds_for(saying.author),
            keeps_order=rules.keeps(saying.author),
        )
        for place, (saying, text) in enumerate(zip(sayings, taken, strict=True))
        if isinstance(text, str)
    }
    limited = dict(zip(said, count_messages(broadcast.room, list(said.values())), strict=True))
    return [limited.get(place) or text for place, text in enumerate(taken)]


def _look_at(broadcast: Broadcast, saying: Saying, rules: Rules) -> str | Refusal:
    try:
        text = clean_text(saying.text)
        if not is_open(broadcast):
            raise ChatClosed
        check(rules, saying.author, text)
    except Refusal as refusal:
        return refusal
    return text


def _drafts(broadcast: Broadcast, accepted: Sequence[tuple[Saying, str]]) -> list[Draft]:
    buyers = buyers_among({saying.author.pk for saying, _ in accepted}, broadcast)
    answered = {saying.reply_to for saying, _ in accepted if saying.reply_to is not None}
    originals = {message.seq: message for message in _seen.rows(broadcast.pk, *answered)} if answered else {}
    people = {}
    if any(MARK in text for _, text in accepted):
        last_seq = broadcast.chat_room.last_seq if hasattr(broadcast, "chat_room") else 0
        people = people_in(broadcast.pk, last_seq, broadcast.channel)
    return [
        Draft(
            author=saying.author,
            key=saying.key,
            text=text,
            reply_to=originals.get(saying.reply_to) if saying.reply_to is not None else None,
            mentions=spoken_to(text, people),
            bought=saying.author.pk in buyers,
        )
        for saying, text in accepted
    ]


_seen = Prepared(lambda room, *seqs: messages_of(room).filter(seq__in=seqs, hidden_at=None))


def _post(broadcast: Broadcast, drafts: list[Draft]) -> dict[Identity, Answer]:
    """Keep the drafts together; if the database takes offence at one of them, each alone."""
    try:
        return dict(_write(broadcast, drafts))
    except (IntegrityError, DataError) as error:
        if len(drafts) > 1:
            return {
                identity: answer for draft in drafts for identity, answer in _post(broadcast, [draft]).items()
            }
        # The same message may have arrived a moment earlier over another connection.
        identity = drafts[0].author.pk, drafts[0].key
        return {identity: _posted_before(broadcast, [identity]).get(identity, error)}


def _posted_before(broadcast: Broadcast, identities: Iterable[Identity]) -> dict[Identity, MessagePosted]:
    wanted = set(identities)
    # By the authors, whose few messages have an index: by the keys alone the whole room would be read.
    same = {"author__in": {author for author, _ in wanted}, "key__in": {key for _, key in wanted}}
    # Mostly there are none: the whole query is written for those that are.
    if not Message.objects.filter(room=broadcast.pk, **same).exists():
        return {}
    messages = messages_of(broadcast.pk).filter(**same)
    found = [message for message in messages if (message.author_id, message.key) in wanted]
    told = tell(found, broadcast.channel)
    return {(message.author_id, message.key): posted for message, posted in zip(found, told, strict=True)}


@transaction.atomic
def _write(broadcast: Broadcast, drafts: Sequence[Draft]) -> dict[Identity, MessagePosted]:
    last = _draw_numbers(broadcast, len(drafts))
    messages = Message.objects.bulk_create(
        Message(
            room_id=broadcast.pk,
            seq=seq,
            author=draft.author,
            key=draft.key,
            text=draft.text,
            reply_to=draft.reply_to,
            mentions=draft.mentions,
            bought=draft.bought,
        )
        for seq, draft in enumerate(drafts, start=last - len(drafts) + 1)
    )
    posted = tell(messages, broadcast.channel)
    send_many_on_commit(broadcast.room, posted)
    return {(message.author_id, message.key): event for message, event in zip(messages, posted, strict=True)}


def _draw_numbers(broadcast: Broadcast, count: int) -> int:
    """Draw the room's next numbers and return the last of them.

    The row is locked until the commit: that keeps messages in order.
    """
    room = _locked.first(broadcast.pk)
    if room is None:
        Room.objects.get_or_create(pk=broadcast.pk)
        room = _locked.get(broadcast.pk)
    last = room.last_seq + count
    _numbered(broadcast.pk, last)
    return last


_locked = Prepared(lambda pk: Room.objects.select_for_update().filter(pk=pk))
_numbered = PreparedUpdate(lambda pk, last: (Room.objects.filter(pk=pk), {"last_seq": last}))
