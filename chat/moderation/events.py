"""What a room hears of the order in it. `version` only grows: the room's, or (for members) the channel's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from chat.moderation.models import Restriction, RoomRules

if TYPE_CHECKING:
    from chat.events import MessagePosted


@dataclass(frozen=True, kw_only=True)
class MessagesHidden:
    """These messages (by `seq`) are not to be shown any more."""

    type: ClassVar[str] = "chat.hidden"
    version: int
    seqs: list[int]


@dataclass(frozen=True, kw_only=True)
class MessageShown:
    """A hidden message may be read again."""

    type: ClassVar[str] = "chat.shown"
    version: int
    message: "MessagePosted"


@dataclass(frozen=True, kw_only=True)
class MemberRestricted:
    """A member (by code) may not write: `kind` "timeout" `until` an ISO 8601 moment, or "ban"; "": may again."""

    type: ClassVar[str] = "chat.member_restricted"
    version: int
    member: str
    kind: str
    until: str | None


@dataclass(frozen=True, kw_only=True)
class RulesChanged:
    """How one may write in the room, and the notice on top of it ("" for none)."""

    type: ClassVar[str] = "chat.rules"
    version: int
    frozen: bool
    slow_seconds: int
    notice: str

    @classmethod
    def of(cls, rules: RoomRules) -> "RulesChanged":
        return cls(
            version=rules.version,
            frozen=rules.frozen,
            slow_seconds=rules.slow_seconds,
            notice=rules.notice,
        )


def restriction_event(restriction: Restriction, *, version: int) -> MemberRestricted:
    """Select `member` with the restriction: this reads it."""
    is_over = restriction.lifted_at is not None
    return MemberRestricted(
        version=version,
        member=restriction.member.code,
        kind="" if is_over else restriction.kind,
        until=restriction.until.isoformat() if restriction.until and not is_over else None,
    )
