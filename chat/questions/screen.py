"""What lies on the picture: one thing at a time, told to the room with the moment it was put there."""

from django.db import transaction
from django.utils import timezone

from broadcasts.models import Broadcast
from chat.questions.events import ScreenChanged
from chat.questions.models import Screen
from common.events import send_on_commit


def lock_screen(broadcast_id: int) -> Screen:
    """Return the screen of a show, made if need be and held until the transaction ends."""
    Screen.objects.get_or_create(pk=broadcast_id)
    Screen.objects.select_for_update().get(pk=broadcast_id)
    return Screen.objects.select_related("broadcast").get(pk=broadcast_id)


@transaction.atomic
def put_on_screen(
    screen: Screen, *, kind: str, item: str, text: str, name: str, amount: int | None = None
) -> None:
    """Show this (the code of it is `item`) instead of what was shown. The screen is locked."""
    screen.kind, screen.item, screen.text, screen.name, screen.amount = kind, item, text, name, amount
    _tell(screen)


@transaction.atomic
def clear_screen(screen: Screen) -> None:
    """Show nothing. The screen is locked."""
    if screen.item:
        screen.kind, screen.item, screen.text, screen.name, screen.amount = "", "", "", "", None
        _tell(screen)


def _tell(screen: Screen) -> None:
    screen.since = timezone.now()
    screen.version += 1
    screen.save(update_fields=["kind", "item", "text", "name", "amount", "since", "version"])
    send_on_commit(screen.broadcast.room, ScreenChanged.of(screen))


def screen_of(broadcast: Broadcast) -> ScreenChanged | None:
    """Return what, or nothing, lies on the picture of a show on the air, and since when.

    None off the air, and before anything ever was. Select `screen` with it: this reads it.
    """
    if not broadcast.is_on_air or not hasattr(broadcast, "screen") or broadcast.screen.since is None:
        return None
    return ScreenChanged.of(broadcast.screen)
