"""Every write to overlays."""

from django.utils import timezone

from broadcasts.models import Channel
from chat.overlay.models import Overlay
from common.codes import new_secret


def issue_token(channel: Channel) -> str:
    """Return a fresh token, which nobody can read again; the one before it opens nothing any more."""
    token = new_secret()
    issued = {"digest": Overlay.digest_of(token), "issued_at": timezone.now()}
    Overlay.objects.update_or_create(channel=channel, defaults=issued)
    return token


def revoke_token(channel: Channel) -> None:
    """Let the address open nothing any more. Repeating it is harmless."""
    Overlay.objects.filter(channel=channel).update(digest=None, issued_at=None)


def change_look(channel: Channel, *, theme: str, size: str, shows_followers: bool) -> None:
    """Give the page another look (`Overlay.Theme`, `Overlay.Size`); it is there with the next look at it.

    Whether it shows new followers holds from the next one on.
    """
    look = {"theme": theme, "size": size, "shows_followers": shows_followers}
    Overlay.objects.update_or_create(channel=channel, defaults=look)
