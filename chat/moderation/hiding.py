"""Messages that are hidden, shown again, or found to be fine."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast
from chat.models import Message
from chat.moderation.changing import Act, next_room_rules, write_log
from chat.moderation.events import MessagesHidden, MessageShown
from chat.moderation.models import Report, RoomRules
from chat.moderation.refusals import NoSuchMessage, NotAllowed
from chat.telling import messages_of, tell
from common.events import send_on_commit


@transaction.atomic
def hide_message(broadcast: Broadcast, seq: int, *, by: User) -> None:
    """Hide a message from everybody; nothing happens if it is hidden. Raises NoSuchMessage, NotAllowed."""
    message = _message(broadcast, seq)
    _check_may_hide(broadcast, message.author, by=by)
    rules = next_room_rules(broadcast)
    if _hide([message.pk], by=by):
        write_log(broadcast, Act.HIDE, by=by, member=message.author, detail=message.text)
        _save_and_tell(broadcast, rules, [seq])


@transaction.atomic
def hide_messages_of(broadcast: Broadcast, member: User, *, by: User) -> int:
    """Hide whatever the member said in this show; return how many messages. Raises NotAllowed."""
    _check_may_hide(broadcast, member, by=by)
    rules = next_room_rules(broadcast)
    visible = Message.objects.filter(room=broadcast.pk, author=member, hidden_at=None)
    seqs = dict(visible.values_list("pk", "seq"))
    if seqs and _hide(list(seqs), by=by):
        write_log(broadcast, Act.HIDE_ALL, by=by, member=member, detail=_("%(n)d개") % {"n": len(seqs)})
        _save_and_tell(broadcast, rules, sorted(seqs.values()))
    return len(seqs)


@transaction.atomic
def show_message(broadcast: Broadcast, seq: int, *, by: User) -> None:
    """Show a hidden message again; nothing happens if it is shown. Raises NoSuchMessage."""
    message = _message(broadcast, seq)
    rules = next_room_rules(broadcast)
    hidden = Message.objects.filter(pk=message.pk).exclude(hidden_at=None)
    if not hidden.update(hidden_at=None, hidden_by=None):
        return
    message.hidden_at = None
    write_log(broadcast, Act.SHOW, by=by, member=message.author, detail=message.text)
    rules.save()
    [posted] = tell([message], broadcast.channel)
    send_on_commit(broadcast.room, MessageShown(version=rules.version, message=posted))


@transaction.atomic
def keep_message(broadcast: Broadcast, seq: int, *, by: User) -> None:
    """Decide that a reported message is fine. Raises NoSuchMessage."""
    message = _message(broadcast, seq)
    if _decide([message.pk], Report.Outcome.KEPT, by=by):
        write_log(broadcast, Act.KEEP, by=by, member=message.author, detail=message.text)


def _message(broadcast: Broadcast, seq: int) -> Message:
    message = messages_of(broadcast.pk).filter(seq=seq).first()
    if message is None:
        raise NoSuchMessage
    return message


def _check_may_hide(broadcast: Broadcast, author: User, *, by: User) -> None:
    """Only the seller, and staff, hide what the seller said."""
    if author.pk == broadcast.channel.member_id != by.pk and not by.is_staff:
        raise NotAllowed


def _hide(messages: list[int], *, by: User) -> int:
    visible = Message.objects.filter(pk__in=messages, hidden_at=None)
    hidden = visible.update(hidden_at=timezone.now(), hidden_by=by)
    _decide(messages, Report.Outcome.HIDDEN, by=by)
    return hidden


def _decide(messages: list[int], outcome: Report.Outcome, *, by: User) -> int:
    waiting = Report.objects.filter(message__in=messages, outcome="")
    return waiting.update(outcome=outcome, decided_at=timezone.now(), decided_by=by)


def _save_and_tell(broadcast: Broadcast, rules: RoomRules, seqs: list[int]) -> None:
    rules.save()
    send_on_commit(broadcast.room, MessagesHidden(version=rules.version, seqs=seqs))
