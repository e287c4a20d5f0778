"""Who may do what in a room."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast

OPEN_AFTER_END = timedelta(minutes=10)


def is_open(broadcast: Broadcast) -> bool:
    """Whether members may write: before and during the show, and for a farewell after it."""
    match broadcast.status:
        case Broadcast.Status.CANCELLED:
            return False
        case Broadcast.Status.ENDED:
            return broadcast.ended_at is not None and timezone.now() < broadcast.ended_at + OPEN_AFTER_END
    return True


def signed_in_member(session_key: str | None) -> User | None:
    """Return whose session this is right now: None once signed out, deactivated or under a new password."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None
