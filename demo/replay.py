"""The demo's replay: a short show of another seller, broadcast and recorded like any other, once."""

import logging
import time
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import DatabaseError, connection

from accounts.models import User
from broadcasts.actions import end_broadcast, start_broadcast
from broadcasts.models import Broadcast
from common.errors import DomainError
from demo.encoder import Encoder
from demo.film import prepare_film
from demo.seed import announce
from demo.shows import REPLAY

logger = logging.getLogger(__name__)

_SECONDS = 20.0
_PATIENCE_SECONDS = 90.0


def record_replay(folder: Path, stopping: Event) -> None:
    """Broadcast the show for some seconds unless it was done before. Cut short, it is taken up by the next call."""
    try:
        seller = User.objects.select_related("channel").get(username=REPLAY.seller.username)
        shows = seller.channel.broadcasts.filter(title=REPLAY.title)
        if shows.filter(status=Broadcast.Status.ENDED).exists():
            return
        film = prepare_film(folder, "replay", REPLAY.items)
        encoder = Encoder(
            film=film, server_url=settings.INGEST_PUBLIC_RTMP_URL, stream_key=seller.channel.stream_key
        )
        broadcast = shows.exclude(status=Broadcast.Status.CANCELLED).first() or announce(REPLAY)
        try:
            _broadcast(broadcast, seller, encoder, stopping)
        finally:
            encoder.stop()
    except (DomainError, DatabaseError):
        logger.warning("the demo has no replay yet; the next run tries again", exc_info=True)
    finally:
        connection.close()  # this thread's own


def _broadcast(broadcast: Broadcast, seller: User, encoder: Encoder, stopping: Event) -> None:
    if broadcast.status == Broadcast.Status.SCHEDULED:
        start_broadcast(broadcast.pk, by=seller)
    deadline, on_air_since = time.monotonic() + _PATIENCE_SECONDS, None
    while time.monotonic() < deadline:
        encoder.keep_running()
        if stopping.wait(1):
            return
        broadcast.refresh_from_db(fields=["status"])
        if broadcast.status == Broadcast.Status.LIVE:
            on_air_since = on_air_since or time.monotonic()
        if on_air_since and time.monotonic() > on_air_since + _SECONDS:
            end_broadcast(broadcast.pk, by=seller)
            return
