"""What the seller and moderators set for one room."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast
from chat.moderation.changing import Act, next_room_rules, write_log
from chat.moderation.events import RulesChanged
from chat.moderation.models import NOTICE_MAX_LENGTH, RoomRules
from chat.moderation.refusals import BadSetting
from chat.moderation.spans import seconds_in_words
from chat.moderation.texts import short_text
from common.events import send_on_commit

SLOW_SECONDS = (0, 3, 5, 10, 30, 60, 300)


@transaction.atomic
def set_slow_mode(broadcast: Broadcast, seconds: int, *, by: User) -> None:
    """Make members wait so long between two messages (0: no longer). Raises BadSetting."""
    if seconds not in SLOW_SECONDS:
        raise BadSetting
    rules = next_room_rules(broadcast)
    if rules.slow_seconds == seconds:
        return
    rules.slow_seconds = seconds
    write_log(broadcast, Act.SLOW, by=by, detail=seconds_in_words(seconds))
    _save_and_tell(broadcast, rules)


@transaction.atomic
def set_frozen(broadcast: Broadcast, is_frozen: bool, *, by: User) -> None:
    """Let only the seller and moderators write, or everybody again."""
    rules = next_room_rules(broadcast)
    if rules.frozen == is_frozen:
        return
    rules.frozen = is_frozen
    write_log(broadcast, Act.FREEZE if is_frozen else Act.THAW, by=by)
    _save_and_tell(broadcast, rules)


@transaction.atomic
def pin_notice(broadcast: Broadcast, text: str, *, by: User) -> None:
    """Put a notice on top of the chat in place of the one before. Raises EmptyText, TooLong."""
    text = short_text(text, NOTICE_MAX_LENGTH)
    rules = next_room_rules(broadcast)
    if rules.notice == text:
        return
    rules.notice, rules.pinned_at = text, timezone.now()
    write_log(broadcast, Act.PIN, by=by, detail=text)
    _save_and_tell(broadcast, rules)


@transaction.atomic
def unpin_notice(broadcast: Broadcast, *, by: User) -> None:
    """Take the notice away; nothing happens if there is none."""
    rules = next_room_rules(broadcast)
    if not rules.notice:
        return
    rules.notice, rules.pinned_at = "", None
    write_log(broadcast, Act.UNPIN, by=by)
    _save_and_tell(broadcast, rules)


def _save_and_tell(broadcast: Broadcast, rules: RoomRules) -> None:
    rules.save()
    send_on_commit(broadcast.room, RulesChanged.of(rules))
