"""A signed cookie that tells sockets who comes, so that thousands may join a room without a query each.

It goes with the member's session: signed together with its key, it is worth nothing without it. It speaks for who
reads; whoever writes is asked for the session itself.
"""

from dataclasses import astuple, dataclass

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "ticket"
PATH = "/ws/"
MAX_AGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Ticket:
    """A member: id, public code and nickname."""

    pk: int
    code: str
    name: str


def give_ticket(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the sockets of this page know its member; nothing happens for a guest."""
    if not (request.user.is_authenticated and request.session.session_key):
        return
    ticket = Ticket(pk=request.user.pk, code=request.user.code, name=request.user.nickname)
    response.set_cookie(
        COOKIE,
        sign_ticket(ticket, request.session.session_key),
        max_age=MAX_AGE_SECONDS,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def sign_ticket(ticket: Ticket, session_key: str) -> str:
    """Return the cookie's value, good for MAX_AGE_SECONDS and with this session only."""
    return _signer(session_key).sign_object(astuple(ticket))


def read_ticket(signed: str, session_key: str) -> Ticket | None:
    """Return whom a ticket names: None when it is too old, forged, or another session's."""
    try:
        return Ticket(*_signer(session_key).unsign_object(signed, max_age=MAX_AGE_SECONDS))
    except BadSignature:
        return None


def _signer(session_key: str) -> TimestampSigner:
    return TimestampSigner(salt=f"accounts.socket_ticket:{session_key}")
