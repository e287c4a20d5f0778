"""Where the ingest server meets the site: stream keys are looked up, events handed to the one event door."""

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from broadcasts.ingest.channel import Channel
from broadcasts.ingest.events import Envelope
from broadcasts.models import LocalChannel
from media_pipeline import inbox


async def authorise(stream_key: str) -> Channel | None:
    """The channel of this stream key, or None."""
    return await _find_channel(stream_key)


async def emit(envelope: Envelope) -> None:
    """Hand an event over. Raises when the database does not take it."""
    await _accept(envelope)


@sync_to_async(thread_sensitive=False)
def _find_channel(stream_key: str) -> Channel | None:
    close_old_connections()
    try:
        row = LocalChannel.objects.by_stream_key(stream_key)
    finally:
        close_old_connections()
    return Channel(row.ref, row.name, row.playback_id) if row else None


@sync_to_async(thread_sensitive=False)
def _accept(envelope: Envelope) -> None:
    close_old_connections()
    try:
        inbox.accept(envelope)
    finally:
        close_old_connections()


def check_database() -> None:
    """Raises django.db.Error when the database cannot be reached."""
    connection.ensure_connection()
    connection.close()
