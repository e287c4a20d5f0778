"""Reading a finished recording's timeline from its playlist: called from a task only."""

import logging
from functools import partial

from django.db import transaction

from broadcasts.clips.cutting import MASTER, PLAYLIST_BYTES
from broadcasts.clips.playlist import best_variant, pieces_of
from broadcasts.models import Recording
from broadcasts.replay import lead_ms
from broadcasts.streaming import streaming
from broadcasts.timeline import Knot, knots_of_pieces
from common.errors import ProviderRefused

logger = logging.getLogger(__name__)


def read_timeline(recording_id: int) -> None:
    """Keep what the playlist says of its moments, and where by that the show begins. Repeating it is harmless.

    A playlist without dates (Amazon promises none for recordings of IVS) leaves it to the streams' events. Raises
    ProviderError where trying again may help.
    """
    recording = Recording.objects.filter(pk=recording_id, status=Recording.Status.READY).first()
    if recording is None:
        return
    try:
        knots = _knots(recording.storage_key)
    except ProviderRefused:
        logger.warning("timeline not read", exc_info=True, extra={"recording": recording.session_id})
        return
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=recording_id)
        recording.timeline = knots or None
        recording.starts_at_ms = lead_ms(recording)
        recording.save(update_fields=["timeline", "starts_at_ms"])


def _knots(storage_key: str) -> list[Knot]:
    read = partial(streaming().read_recording, storage_key, most_bytes=PLAYLIST_BYTES)
    media = best_variant(read(MASTER).decode(errors="replace"), at=MASTER)
    return knots_of_pieces(pieces_of(read(media).decode(errors="replace"), at=media))
