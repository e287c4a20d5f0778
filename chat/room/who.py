"""Who is behind a socket, said by the cookies of its handshake: mostly without asking the database."""

from dataclasses import dataclass

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.socket_ticket import COOKIE as TICKET_COOKIE
from accounts.socket_ticket import read_ticket
from chat.room.transmit import Scope
from chat.sessions import signed_in_members


@dataclass(frozen=True, slots=True)
class Who:
    """A member, or a guest with the code 0 values; `session_key` is what writing is checked by, each time anew."""

    pk: int = 0
    code: str = ""
    name: str = ""
    session_key: str = ""

    @property
    def is_member(self) -> bool:
        return bool(self.pk)


async def who_is(scope: Scope) -> Who:
    """Return who the handshake came from; a ticket that is missing or too old is made up for by a query."""
    session_key = scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
    if not session_key:
        return Who()
    if ticket := read_ticket(scope["cookies"].get(TICKET_COOKIE, ""), session_key):
        return Who(pk=ticket.pk, code=ticket.code, name=ticket.name, session_key=session_key)
    members = await database_sync_to_async(signed_in_members, thread_sensitive=False)([session_key])
    if (member := members.get(session_key)) is None:
        return Who()
    return Who(pk=member.pk, code=member.code, name=member.nickname, session_key=session_key)
