"""Every write to support messages."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast
from chat.moderation import rules
from chat.questions.actions import finish_shown
from chat.questions.models import Screen
from chat.questions.refusals import NotOnAir
from chat.questions.screen import clear_screen, lock_screen, put_on_screen
from chat.refusals import TextTooLong
from chat.support.models import SupportMessage
from chat.text import clean_text
from common.errors import DomainError
from orders.tips import refund_tip, start_tip

MOST_CHARACTERS = 100


class NotPaid(DomainError):
    """The message was not paid, or its money went back."""

    code = "not_paid"


@transaction.atomic
def begin_support(giver: User, show: Broadcast, *, amount: int, text: str, key: UUID) -> SupportMessage:
    """Open the checkout of a message to the host; the same key again is the same message.

    Select `channel` with the show. Raises BadTip, KeyReused, and for the text what a chat message is refused for.
    """
    text = clean_text(text) if text.strip() else ""
    if len(text) > MOST_CHARACTERS:
        raise TextTooLong(MOST_CHARACTERS)
    rules.check(rules.rules_of(show), giver, text)
    tip = start_tip(giver, show, amount=amount, key=key)
    said = {"broadcast": show, "author": giver, "amount": amount, "text": text}
    message, _fresh = SupportMessage.objects.get_or_create(tip=tip, defaults=said)
    return message


@transaction.atomic
def show_support(message: SupportMessage, *, by: User) -> bool:
    """Put a paid message on the picture; a question that was there counts as answered. False if it is there already.

    Raises NotOnAir, NotPaid.
    """
    screen = lock_screen(message.broadcast_id)
    if not screen.broadcast.is_on_air:
        raise NotOnAir
    if not SupportMessage.objects.paid().filter(pk=message.pk).exists():
        raise NotPaid(_("결제되지 않았거나 환불한 후원이에요."))
    if screen.item == message.code:
        return False
    finish_shown(screen, by=by)
    SupportMessage.objects.filter(pk=message.pk, shown_at=None).update(shown_at=timezone.now())
    put_on_screen(
        screen,
        kind=Screen.Kind.SUPPORT,
        item=message.code,
        text=message.text,
        name=message.author.nickname,
        amount=message.amount,
    )
    return True


@transaction.atomic
def refund_support(message: SupportMessage, *, reason: str) -> bool:
    """Staff give the money back; the message leaves the picture. False if they did. Raises NothingToRefund."""
    screen = lock_screen(message.broadcast_id)
    if not refund_tip(message.pk, reason=reason):
        return False
    now = timezone.now()
    SupportMessage.objects.filter(pk=message.pk).update(refunded_at=now, refund_reason=reason[:100])
    if screen.item == message.code:
        clear_screen(screen)
    return True
