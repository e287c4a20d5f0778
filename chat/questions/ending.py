"""What lay on the picture when a show ended."""

import logging

from django.db import transaction

from broadcasts.models import Broadcast
from chat.questions.actions import finish_shown
from chat.questions.models import Screen
from chat.questions.screen import clear_screen, lock_screen

logger = logging.getLogger(__name__)

MOST = 200


@transaction.atomic
def finish_screen(broadcast_id: int) -> bool:
    """Take everything off the picture of a show that ended; False if there was nothing, or the show goes on.

    A question counts as answered at the end of the show: it was what the host spoke about. Repeating it is harmless.
    """
    # Even where nothing was ever shown: the row makes it wait for somebody who is showing the first thing.
    screen = lock_screen(broadcast_id)
    if screen.broadcast.status != Broadcast.Status.ENDED or not screen.item:
        return False
    finish_shown(screen, by=None, at=screen.broadcast.ended_at)
    clear_screen(screen)
    return True


def finish_screens() -> int:
    """Do the same for every show whose end nobody here heard of; return how many."""
    left = Screen.objects.exclude(item="").filter(broadcast__status=Broadcast.Status.ENDED)
    done = 0
    for broadcast_id in left.values_list("pk", flat=True)[:MOST]:
        try:
            done += finish_screen(broadcast_id)
        except Exception:
            logger.exception("picture not cleared", extra={"broadcast": broadcast_id})  # the others go on
    return done
