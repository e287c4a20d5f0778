"""Speaking to somebody by name: "@닉네임"."""

from collections.abc import Mapping

from broadcasts.models import Channel
from chat.models import Message

MARK = "@"
AMONG = 500
"""Whoever wrote one of so many last messages can be spoken to, and the seller always."""

MOST = 10
"""People one message may speak to."""


def people_in(room_id: int, last_seq: int, channel: Channel) -> dict[str, str]:
    """Return {nickname: member code} of those who can be spoken to. One query."""
    recent = Message.objects.filter(room=room_id, seq__gt=last_seq - AMONG, hidden_at=None)
    people = dict(recent.order_by().values_list("author__nickname", "author__code").distinct())
    seller = channel.member
    return {**people, seller.nickname: seller.code}


def spoken_to(text: str, people: Mapping[str, str]) -> list[str]:
    """Return the codes of the people a text names, in its order.

    In Korean more may follow a name without a space ("@하늘님"), so the longest name that fits is meant.
    """
    found: dict[str, None] = {}
    for piece in text.split(MARK)[1:]:
        names = [name for name in people if piece.startswith(name)]
        if names:
            found[people[max(names, key=len)]] = None
    return list(found)[:MOST]
