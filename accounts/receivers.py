from typing import Any

from django.http import HttpRequest

from accounts.models import User
from common.member_news import close_sockets_of_session


def end_member_sockets(*, request: HttpRequest, user: User | None, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
    """Answer `user_logged_out`: pages still open in the browser hear nothing private any more."""
    if user and request.session.session_key:
        close_sockets_of_session(user.pk, request.session.session_key)
